import type { Pool } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';

export type StreamKey = readonly [workspaceId: Uuid, streamId: Uuid];

/** Neighbouring streams, across workspaces. */
export interface StreamRange {
  /** The first stream; undefined: from the beginning. */
  readonly from: StreamKey | undefined;
  /** The first stream behind them; undefined: to the end. */
  readonly before: StreamKey | undefined;
}

/** Of a range: enough that its transaction costs nothing, and so few that all threads end at about the same time. */
export const RANGE_EVENTS = 25_000;

// A stream's version is the number of its events.
const BOUNDS = `select distinct on (part) workspace_id, stream_id
  from (select workspace_id, stream_id, (sum(version) over (order by workspace_id, stream_id) - version) / $1 as part
          from stream) counted
  order by part, workspace_id, stream_id`;

/** Cuts the log into ranges of about equally many events, without gaps: every stream that there ever is lies in one. */
export const splitStreams = async (pool: Pool, rangeEvents: number): Promise<StreamRange[]> => {
  const { rows } = await pool.query<{ workspace_id: Uuid; stream_id: Uuid }>(BOUNDS, [rangeEvents]);
  const bounds = rows.slice(1).map((row): StreamKey => [row.workspace_id, row.stream_id]);
  return [undefined, ...bounds].map((from, index) => ({ from, before: bounds[index] }));
};
