import type { Pool, PoolClient } from 'pg';
import type { FoldedEvent } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StreamType } from '../../shared/contract/streams.ts';

/** An event as the log keeps it: `data` is text until a projection that handles the type needs it. */
export interface LogRow {
  readonly position: number;
  readonly stream_id: Uuid;
  readonly version: number;
  readonly stream_type: string;
  readonly type: string;
  readonly schema_version: number;
  readonly actor_id: Uuid;
  readonly clock: string;
  readonly recorded_at: string;
  readonly superseded: readonly string[] | null;
  readonly data: string;
}

export const LOG_COLUMNS = `position, stream_id, version, stream_type, type, schema_version, actor_id,
  coalesce(clock, at) as clock, recorded_at, superseded, data`;

const NOTHING_LOST: readonly string[] = [];

/** The event as folds see it; `data` is the newest shape of what the row holds. */
export const foldedEvent = (row: LogRow, data: JsonObject): FoldedEvent => ({
  position: row.position,
  stream: { type: row.stream_type as StreamType, id: row.stream_id },
  version: row.version,
  type: row.type,
  actor: row.actor_id,
  clock: row.clock,
  recordedAt: row.recorded_at,
  superseded: row.superseded ?? NOTHING_LOST,
  data,
});

const SINCE = `select ${LOG_COLUMNS} from event
  where workspace_id = $1 and position > $2 and position <= $3 order by position limit $4`;

/** The next events after a position, in order. */
export const readEventsSince = async (
  source: Pool | PoolClient,
  workspaceId: Uuid,
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<LogRow[]> => {
  // Positions have no gaps: the range alone is the page, whatever the planner makes of the limit.
  const values = [workspaceId, range.after, Math.min(range.upTo, range.after + range.limit), range.limit];
  return (await source.query<LogRow>({ text: SINCE, values })).rows;
};

const OF_STREAM = `select ${LOG_COLUMNS} from event
  where workspace_id = $1 and stream_id = $2 and position <= $3 order by version`;

/** The events of a stream up to a position, in order. */
export const readEventsOfStream = async (
  source: Pool | PoolClient,
  workspaceId: Uuid,
  stream: { readonly streamId: Uuid; readonly upTo: number },
): Promise<LogRow[]> => (await source.query<LogRow>(OF_STREAM, [workspaceId, stream.streamId, stream.upTo])).rows;
