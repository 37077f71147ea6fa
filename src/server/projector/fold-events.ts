import {
  type FoldedEvent,
  NeedsPast,
  type Projection,
  type Row,
  type StreamRows,
  type StreamState,
} from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import { foldedEvent, type LogRow } from './read-events.ts';

/** The event that a projection could not take in. */
export interface Poison {
  readonly streamId: Uuid;
  readonly position: number;
  readonly error: string;
}

/** All rows of a stream; no `row` before its first event. */
export interface StreamImage {
  /** In the first table. */
  readonly row: Row | undefined;
  /** In the others. */
  readonly rows: StreamRows;
}

const NO_ROWS: StreamRows = {};

export const detailRows = (projection: Projection, state: StreamState | undefined): StreamRows =>
  state === undefined ? NO_ROWS : (projection.rows?.(state) ?? NO_ROWS);

const imageOf = (projection: Projection, state: StreamState | undefined): StreamImage => ({
  row: state === undefined ? undefined : projection.row(state),
  rows: detailRows(projection, state),
});

/** A stream as far as it could be folded. */
export interface Folded {
  readonly image: StreamImage;
  readonly poison?: Poison;
  /** The stored state does not suffice: fold the stream from its first event. The image does not count then. */
  readonly needsPast?: true;
}

const NEEDS_PAST: Folded = { image: { row: undefined, rows: NO_ROWS }, needsPast: true };

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An event of the log, parsed when a projection first asks for it, once for all. */
export interface LazyEvent {
  readonly row: LogRow;
  parsed: FoldedEvent | undefined;
}

export const lazyEvent = (row: LogRow): LazyEvent => ({ row, parsed: undefined });

const eventOf = (lazy: LazyEvent): FoldedEvent => (lazy.parsed ??= parseEvent(lazy.row));

/** @throws where the row's data is of a schema version that this code does not know */
const parseEvent = (row: LogRow): FoldedEvent => {
  const newest = upcast(row.type, row.schema_version, JSON.parse(row.data) as JsonObject);
  if (newest === undefined)
    throw new Error(`schema version ${row.schema_version} of ${row.type} is newer than this server`);
  return foldedEvent(row, newest.data);
};

/** Folds events of one stream onto a state. Stops before the event that cannot be taken in, and names it. */
export const foldStream = (
  projection: Projection,
  before: StreamState | undefined,
  events: readonly LazyEvent[],
): Folded => {
  try {
    let state = before;
    for (const event of events) state = projection.fold(state, eventOf(event));
    return { image: imageOf(projection, state) };
  } catch {
    return foldCarefully(projection, before, events);
  }
};

/** Folds event by event, rows included, to find the one at which either fails. */
const foldCarefully = (
  projection: Projection,
  before: StreamState | undefined,
  events: readonly LazyEvent[],
): Folded => {
  let state = before;
  let image = imageOf(projection, before);
  for (const event of events) {
    try {
      const next = projection.fold(state, eventOf(event));
      image = imageOf(projection, next);
      state = next;
    } catch (error) {
      if (error instanceof NeedsPast && before !== undefined) return NEEDS_PAST;
      return {
        image,
        poison: { streamId: event.row.stream_id, position: event.row.position, error: messageOf(error) },
      };
    }
  }
  return { image };
};
