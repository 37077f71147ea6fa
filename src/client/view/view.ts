import type { Uuid } from '../../shared/base/ids.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { Rejection } from '../../shared/contract/rejections.ts';
import type { ConfirmedRecords } from './confirmed.ts';
import type { Outbox } from './outbox.ts';
import { createOverlays } from './overlays.ts';
import type { Viewed } from './viewed.ts';

/** What people see: confirmed records with the pending events of this device folded on top. */
export interface View {
  get(id: Uuid): Viewed | undefined;
  /** Ids of a type, the hidden ones included. */
  idsOf(type: string): IterableIterator<Uuid>;
  /** Whether people see it: an activity shows with its record alone. */
  isShown(record: Viewed): boolean;
  /** Whether events that belong together may happen now, in this order: the rules' answer, at once and offline. */
  foresee(events: readonly ProposedEvent[]): Rejection | undefined;
  /** Streams whose confirmed state or pending events changed. Answers every stream whose view may differ now. */
  invalidate(ids: Iterable<Uuid>): ReadonlySet<Uuid>;
}

interface Parts {
  readonly confirmed: ConfirmedRecords;
  readonly outbox: Outbox;
  readonly userId: Uuid;
}

/** Folds a record when it is asked for, and again only after it or a record that it rests on has changed. */
export const createView = ({ confirmed, outbox, userId }: Parts): View => {
  function* idsOf(type: string): IterableIterator<Uuid> {
    const known = confirmed.ofType(type);
    yield* known;
    for (const id of outbox.streamsOf(type)) if (!known.has(id)) yield id;
  }
  const overlays = createOverlays({ confirmed, outbox, userId, idsOf });
  return {
    get: (id) => overlays.get(id),
    idsOf,
    isShown: (record) => {
      const root = rootIdOf(record);
      return root === undefined || overlays.get(root) !== undefined;
    },
    foresee: (events) => overlays.foresee(events),
    invalidate: (ids) => {
      // A set that grows is walked to its end: those who rest on those who rest on a change come along.
      const stale = new Set<Uuid>(ids);
      for (const id of stale) {
        for (const dependent of overlays.forget(id)) stale.add(dependent);
        for (const activity of confirmed.hangingOn(id)) stale.add(activity);
      }
      return stale;
    },
  };
};

const rootIdOf = ({ type, state }: Viewed): Uuid | undefined =>
  type === 'activity' ? (state['about'] as { readonly id: Uuid } | null | undefined)?.id : undefined;
