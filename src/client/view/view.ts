import { clockTime } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { ProposedEvent, RegisterClocks, StreamRef } from '../../shared/contract/envelope.ts';
import { definitionOf, isEventType } from '../../shared/contract/events/registry.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import { rejection, type Rejection } from '../../shared/contract/rejections.ts';
import { judge } from '../../shared/domain/judge.ts';
import { merge } from '../../shared/domain/merge.ts';
import { deciderOf } from '../../shared/domain/registry.ts';
import { createdAtOf, type Confirmed, type ConfirmedRecords } from './confirmed.ts';
import { outcomeOf, type Item, type Outbox } from './outbox.ts';

/** A record on view: confirmed, with what is pending folded on top. */
export interface Viewed {
  readonly id: Uuid;
  readonly type: string;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
  /** Counts the pending events too. */
  readonly version: number;
  readonly confirmedVersion: number;
  readonly needsUpdate: boolean;
}

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

const ofConfirmed = (record: Confirmed): Viewed => ({
  id: record.id,
  type: record.type,
  state: record.state,
  clocks: record.clocks,
  version: record.version,
  confirmedVersion: record.version,
  needsUpdate: record.opaque === true,
});

export const createView = ({ confirmed, outbox, userId }: Parts): View => {
  const overlays = new Map<Uuid, Viewed | undefined>();
  // Streams whose overlays looked a stream up: they are folded anew when that one changes.
  const dependents = new Map<Uuid, Set<Uuid>>();
  const folding = new Map<Uuid, Viewed | undefined>();
  let readers: Uuid[] = [];

  const noteReader = (id: Uuid): void => {
    const reader = readers.at(-1);
    if (reader === undefined || reader === id) return;
    const known = dependents.get(id);
    if (known === undefined) dependents.set(id, new Set([reader]));
    else known.add(reader);
  };
  const get = (id: Uuid): Viewed | undefined => {
    noteReader(id);
    // A rule that walks up a hierarchy may come back to where it began: it sees what is folded so far.
    if (folding.has(id)) return folding.get(id);
    const record = confirmed.get(id);
    const items = outbox.itemsOf(id);
    if (items.length === 0) return record === undefined ? undefined : ofConfirmed(record);
    if (!overlays.has(id)) overlays.set(id, overlay(id, record, items));
    return overlays.get(id);
  };

  const overlay = (id: Uuid, record: Confirmed | undefined, items: readonly Item[]): Viewed | undefined => {
    let view = record === undefined ? undefined : ofConfirmed(record);
    readers.push(id);
    for (const item of items) {
      if (!shows(item, record)) continue;
      folding.set(id, view);
      const next = folded(item.event, view, outcomeOf(item));
      if (next.ok) view = next.value;
    }
    folding.delete(id);
    readers.pop();
    return view;
  };

  const folded = (
    event: ProposedEvent,
    before: Viewed | undefined,
    outcome?: ReturnType<typeof outcomeOf>,
  ): Result<Viewed, Rejection> => {
    const clock = outcome?.kind === 'taken' ? outcome.clock : event.at;
    const read = readable(event, before);
    if (!read.ok) return read;
    const { type, data } = read.value;
    const definition = definitionOf(type);
    // Judged at the time that the event itself names: folded again later, it means the same.
    const receivedAt = clockTime(clock);
    const current = before && { ...before, createdAt: createdAtOf(before.clocks) };
    const needsPipeline = type === 'DealCreated' && data['pipelineId'] === undefined;
    const defaultPipelineId = needsPipeline ? defaultPipeline() : undefined;
    const judged = judge(
      current,
      { type, data, stream: event.stream },
      { streamId: event.stream.id, actor: userId, clock, receivedAt, defaultPipelineId, lookup },
    );
    if (!judged.ok) return judged;
    const state = before?.state ?? deciderOf(definition.stream).initialState;
    const version = (before?.version ?? 0) + 1;
    const writes = definition.writes(judged.value.data, state);
    const merged = merge({ state, clocks: before?.clocks ?? {} }, { writes, clock, version });
    return ok({
      id: event.stream.id,
      type: definition.stream,
      state: merged.state,
      clocks: merged.clocks,
      version,
      confirmedVersion: before?.confirmedVersion ?? 0,
      needsUpdate: before?.needsUpdate ?? false,
    });
  };

  const lookup = (ref: StreamRef): object | undefined => {
    const found = get(ref.id);
    return found?.type === ref.type ? found.state : undefined;
  };
  /** Where the server puts a deal that names no pipeline: the oldest one. */
  const defaultPipeline = (): Uuid | undefined => {
    let oldest: Viewed | undefined;
    for (const id of idsOf('pipeline')) {
      const pipeline = get(id);
      if (pipeline === undefined) continue;
      if (oldest === undefined || createdAtOf(pipeline.clocks) < createdAtOf(oldest.clocks)) oldest = pipeline;
    }
    return oldest?.id;
  };

  function* idsOf(type: string): IterableIterator<Uuid> {
    const known = confirmed.ofType(type);
    yield* known;
    for (const id of outbox.streams())
      if (!known.has(id) && outbox.itemsOf(id)[0]?.event.stream.type === type) yield id;
  }

  const rootIdOf = ({ type, state }: Viewed): Uuid | undefined =>
    type === 'activity' ? (state['about'] as { readonly id: Uuid } | null | undefined)?.id : undefined;

  return {
    get,
    idsOf,
    isShown: (record) => {
      const root = rootIdOf(record);
      return root === undefined || get(root) !== undefined;
    },
    foresee: (events) => {
      try {
        for (const event of events) {
          const next = folded(event, get(event.stream.id));
          if (!next.ok) return next.error;
          // The next ones see it, although it is in no outbox yet.
          folding.set(event.stream.id, next.value);
        }
        return undefined;
      } finally {
        folding.clear();
      }
    },
    invalidate: (ids) => {
      const stale = new Set<Uuid>(ids);
      for (const id of stale) {
        overlays.delete(id);
        for (const dependent of dependents.get(id) ?? []) stale.add(dependent);
        dependents.delete(id);
        for (const activity of confirmed.hangingOn(id)) stale.add(activity);
      }
      readers = [];
      return stale;
    },
  };
};

/** Whether an event still changes what is confirmed: not once it came back, and not without a verdict in its favour. */
const shows = (item: Item, record: Confirmed | undefined): boolean => {
  const outcome = outcomeOf(item);
  if (outcome === undefined) return true;
  return outcome.kind === 'taken' && (record === undefined || record.version < outcome.version);
};

const readable = (event: ProposedEvent, before: Viewed | undefined) => {
  const { type, schemaVersion } = event;
  if (before?.needsUpdate === true) return err(rejection('unknown_type', NEEDS_UPDATE));
  const newest = isEventType(type) ? upcast(type, schemaVersion, event.data) : undefined;
  if (!isEventType(type) || newest === undefined) return err(rejection('unknown_type', NEEDS_UPDATE));
  return ok({ type, data: newest.data });
};

export const NEEDS_UPDATE = 'this record was changed by a newer app: update this one to edit it';
