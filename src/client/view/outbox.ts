import type { HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import { definitionOf, isEventType } from '../../shared/contract/events/registry.ts';
import type { FieldError, RejectionCode } from '../../shared/contract/rejections.ts';

/** Events that one call of the app made: durable together, sent together, all or nothing. */
export interface Unit {
  /** The order in which they were made. */
  readonly seq: number;
  readonly events: readonly ProposedEvent[];
  /** The refused unit that this one is sent instead of. */
  readonly replaces?: number | undefined;
}

/** `conflict`: of a group, which raises none · `undeliverable`: the server fails over it. */
export type RefusedCode = RejectionCode | 'conflict' | 'undeliverable';

/** How an event ended, or is about to: what is acknowledged stays until it has come back. */
export type Outcome =
  | {
      readonly kind: 'taken';
      readonly position: number;
      readonly version: number;
      readonly clock: HybridClock;
    }
  | {
      readonly kind: 'conflict';
      readonly position: number;
      readonly version: number;
      readonly conflictId: Uuid;
      readonly register: string;
    }
  | {
      readonly kind: 'refused';
      readonly code: RefusedCode;
      readonly message: string;
      readonly fields?: readonly FieldError[] | undefined;
      readonly blockedBy?: Uuid | undefined;
    };

/** A unit and what is known of it. */
export interface Entry {
  readonly unit: Unit;
  /** UTF-8 bytes of its events as they are sent. */
  readonly bytes: number;
  /** Written: only then may it be sent. */
  durable: boolean;
  /** It was in a request, whatever came of that. */
  offered: boolean;
  /** It is in a request that has not been answered. */
  underWay: boolean;
  /** One an event once there is a verdict. */
  outcomes: readonly Outcome[] | undefined;
}

/** An event in its unit. */
export interface Item {
  readonly entry: Entry;
  readonly event: ProposedEvent;
  readonly index: number;
}

export const outcomeOf = ({ entry, index }: Item): Outcome | undefined => entry.outcomes?.[index];
export const isRefused = ({ outcomes }: Entry): boolean => outcomes?.some(({ kind }) => kind === 'refused') === true;

const creates = ({ type }: ProposedEvent): boolean => isEventType(type) && definitionOf(type).creates === true;

/** The streams that a unit makes. */
export const createdBy = ({ unit }: Entry): Uuid[] => unit.events.filter(creates).map(({ stream }) => stream.id);

/** What this device made and has not seen come back, in memory; storage holds the same. */
export interface Outbox {
  entries(): IterableIterator<Entry>;
  entry(seq: number): Entry | undefined;
  /** The unit of an event. */
  ofEvent(id: Uuid): Item | undefined;
  /** In the order in which they were made. */
  itemsOf(streamId: Uuid): readonly Item[];
  /** Ids of the streams of a type that have events here. */
  streamsOf(type: string): Iterable<Uuid>;
  nextSeq(): number;
  add(entry: Entry): void;
  settle(entry: Entry, outcomes: readonly Outcome[] | undefined): void;
  remove(entry: Entry): void;
  /** Events without a verdict. */
  pending(): number;
  /** Refused units, each counted once. */
  refused(): number;
}

export const createOutbox = (stored: Iterable<Entry>, firstSeq: number): Outbox => {
  const bySeq = new Map<number, Entry>();
  const byStream = new Map<Uuid, Item[]>();
  const byType = new Map<string, Set<Uuid>>();
  const byEvent = new Map<Uuid, Item>();
  let seq = firstSeq;
  let pending = 0;
  let refused = 0;
  const count = (entry: Entry, by: 1 | -1): void => {
    if (entry.outcomes === undefined) pending += by * entry.unit.events.length;
    else if (isRefused(entry)) refused += by;
  };
  const add = (entry: Entry): void => {
    bySeq.set(entry.unit.seq, entry);
    seq = Math.max(seq, entry.unit.seq + 1);
    count(entry, 1);
    for (const [index, event] of entry.unit.events.entries()) {
      const item = { entry, event, index };
      byEvent.set(event.id, item);
      const items = byStream.get(event.stream.id);
      if (items !== undefined) {
        // A creation that is sent again comes behind what depends on it, and is still the first.
        if (creates(event)) items.unshift(item);
        else items.push(item);
        continue;
      }
      byStream.set(event.stream.id, [item]);
      const { type } = event.stream;
      byType.set(type, (byType.get(type) ?? new Set()).add(event.stream.id));
    }
  };
  const removeItems = (entry: Entry): void => {
    for (const { id, stream } of entry.unit.events) {
      byEvent.delete(id);
      const left = byStream.get(stream.id)?.filter((item) => item.entry !== entry) ?? [];
      byStream.set(stream.id, left);
      if (left.length > 0) continue;
      byStream.delete(stream.id);
      byType.get(stream.type)?.delete(stream.id);
    }
  };
  for (const entry of stored) add(entry);
  return {
    entries: () => bySeq.values(),
    entry: (wanted) => bySeq.get(wanted),
    ofEvent: (id) => byEvent.get(id),
    itemsOf: (streamId) => byStream.get(streamId) ?? [],
    streamsOf: (type) => byType.get(type) ?? [],
    nextSeq: () => seq++,
    add,
    settle: (entry, outcomes) => {
      count(entry, -1);
      entry.outcomes = outcomes;
      count(entry, 1);
    },
    remove: (entry) => {
      if (!bySeq.delete(entry.unit.seq)) return;
      count(entry, -1);
      removeItems(entry);
    },
    pending: () => pending,
    refused: () => refused,
  };
};
