import type { Uuid } from '../../shared/base/ids.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { Rejection } from '../../shared/contract/rejections.ts';
import type { Confirmed, ConfirmedRecords } from './confirmed.ts';
import { createDependents } from './dependents.ts';
import { foldPending } from './fold-pending.ts';
import { outcomeOf, type Item, type Outbox } from './outbox.ts';
import { viewOf, type Viewed } from './viewed.ts';

/** Records with their pending events folded on top. */
export interface Overlays {
  get(id: Uuid): Viewed | undefined;
  /** The first no to events that belong together, in this order; undefined where all of them may happen. */
  foresee(events: readonly ProposedEvent[]): Rejection | undefined;
  /** Forgets a fold; answers those that rested on the record. */
  forget(id: Uuid): Iterable<Uuid>;
}

interface Parts {
  readonly confirmed: ConfirmedRecords;
  readonly outbox: Outbox;
  readonly userId: Uuid;
  readonly idsOf: (type: string) => Iterable<Uuid>;
}

export const createOverlays = ({ confirmed, outbox, userId, idsOf }: Parts): Overlays => {
  const folds = new Map<Uuid, Viewed | undefined>();
  const dependents = createDependents();
  const folding = new Map<Uuid, Viewed | undefined>();
  const readers: Uuid[] = [];
  // The outermost of the streams that are being folded and were looked up meanwhile, by its place in `readers`.
  let partial = Infinity;

  const get = (id: Uuid): Viewed | undefined => {
    dependents.note(readers.at(-1), id);
    // Records that refer to each other come back to where they began, and see what is folded so far.
    if (folding.has(id)) {
      partial = Math.min(partial, readers.indexOf(id));
      return folding.get(id);
    }
    const record = confirmed.get(id);
    const items = outbox.itemsOf(id);
    if (items.length === 0) return record && viewOf(record);
    if (folds.has(id)) return folds.get(id);
    const view = fold(id, record, items);
    // What rests on half of another record is good for that one alone.
    if (partial < readers.length) return view;
    folds.set(id, view);
    partial = Infinity;
    return view;
  };

  const fold = (id: Uuid, record: Confirmed | undefined, items: readonly Item[]): Viewed | undefined => {
    let view = record && viewOf(record);
    readers.push(id);
    for (const item of items) {
      if (!shows(item, record)) continue;
      folding.set(id, view);
      const next = foldPending(item.event, view, { userId, get, idsOf, outcome: outcomeOf(item) });
      if (next.ok) view = next.value;
    }
    folding.delete(id);
    readers.pop();
    return view;
  };

  const foresee = (events: readonly ProposedEvent[]): Rejection | undefined => {
    for (const event of events) {
      const { id } = event.stream;
      const next = foldPending(event, get(id), { userId, get, idsOf });
      if (!next.ok) return next.error;
      // The next ones see it, although it is in no outbox yet.
      folding.set(id, next.value);
    }
    return undefined;
  };

  return {
    get,
    foresee: (events) => {
      try {
        return foresee(events);
      } finally {
        folding.clear();
        partial = Infinity;
      }
    },
    forget: (id) => {
      folds.delete(id);
      return dependents.take(id);
    },
  };
};

/** Whether an event still changes what is confirmed: not once it came back, and not without a verdict in its favour. */
const shows = (item: Item, record: Confirmed | undefined): boolean => {
  const outcome = outcomeOf(item);
  if (outcome === undefined) return true;
  return outcome.kind === 'taken' && (record === undefined || record.version < outcome.version);
};
