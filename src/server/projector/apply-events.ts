import type { PoolClient } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';
import { type Folded, foldStream, lazyEvent, type LazyEvent, type Poison, detailRows } from './fold-events.ts';
import { readEventsOfStream } from './read-events.ts';
import { clearStream, loadStates, type StreamChange, type Target, writeRows } from './stored-rows.ts';

/** Events by stream, each list in order. */
export const byStream = (events: readonly LazyEvent[]): Map<Uuid, LazyEvent[]> => {
  const streams = new Map<Uuid, LazyEvent[]>();
  for (const event of events) {
    const list = streams.get(event.row.stream_id);
    if (list === undefined) streams.set(event.row.stream_id, [event]);
    else list.push(event);
  }
  return streams;
};

/** The streams that may have been folded before; most of a batch are new in an import. */
const existing = (streams: ReadonlyMap<Uuid, readonly LazyEvent[]>): Uuid[] =>
  [...streams].flatMap(([streamId, [first]]) => (first?.row.version === 1 ? [] : [streamId]));

/**
 * Folds a batch of events that the projection handles into its tables: the states of all touched streams come in one
 * select, the changed rows go out in one statement a table.
 *
 * @returns the events that could not be folded; their streams stand before them
 * @throws where PostgreSQL refuses a row; the transaction is then over
 */
export const applyEvents = async (
  client: PoolClient,
  target: Target,
  events: readonly LazyEvent[],
): Promise<Poison[]> => {
  if (events.length === 0) return [];
  const streams = byStream(events);
  const states = await loadStates(client, target, existing(streams));
  const poisons: Poison[] = [];
  const changed: StreamChange[] = [];
  const late: LazyEvent[] = [];
  for (const [streamId, list] of streams) {
    const state = states.get(streamId);
    const { image, poison, needsPast } = foldStream(target.projection, state, list);
    if (needsPast) late.push(list.at(-1) as LazyEvent);
    else changed.push({ before: detailRows(target.projection, state), after: image });
    if (poison !== undefined) poisons.push(poison);
  }
  await writeRows(client, target, changed);
  for (const { row } of late) {
    const poison = await refoldStream(client, target, { streamId: row.stream_id, upTo: row.position });
    if (poison !== undefined) poisons.push(poison);
  }
  return poisons;
};

/** A stream up to a position. */
export interface StreamUpTo {
  readonly streamId: Uuid;
  readonly upTo: number;
}

/** Folds a stream anew from the log; its image has no rows where the projection handles none of its events. */
export const foldFromLog = async (
  client: PoolClient,
  { projection, workspaceId }: Target,
  stream: StreamUpTo,
): Promise<Folded> => {
  const rows = await readEventsOfStream(client, workspaceId, stream);
  const handles = new Set<string>(projection.handles);
  return foldStream(projection, undefined, rows.filter((row) => handles.has(row.type)).map(lazyEvent));
};

/**
 * Folds a stream anew from the log, up to a position, and replaces its rows.
 *
 * @returns the event that could not be folded; the rows then stand before it
 */
export const refoldStream = async (
  client: PoolClient,
  target: Target,
  stream: StreamUpTo,
): Promise<Poison | undefined> => {
  const folded = await foldFromLog(client, target, stream);
  await clearStream(client, target, stream.streamId);
  await writeRows(client, target, [{ before: {}, after: folded.image }]);
  return folded.poison;
};
