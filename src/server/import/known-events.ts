import { clockTime, type HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

type Times = ReadonlyMap<Uuid, number>;

interface TimeRow {
  readonly id: Uuid;
  readonly at: HybridClock;
}

const timesOf = (rows: readonly TimeRow[]): Times => new Map(rows.map(({ id, at }) => [id, Date.parse(clockTime(at))]));

/** Which of the streams exist, and when their creation occurred by its own account (milliseconds). */
export const creationTimes = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  streamIds: readonly Uuid[],
): Promise<Times> => {
  if (streamIds.length === 0) return new Map();
  const { rows } = await pool.for(workspaceId).query<TimeRow>({
    text: 'select stream_id as id, at from event where workspace_id = $1 and stream_id = any($2) and version = 1',
    values: [workspaceId, streamIds],
  });
  return timesOf(rows);
};

/** Which of the events the log holds, and when they occurred by their own account (milliseconds). */
export const eventTimes = async (pool: WorkspacePool, workspaceId: Uuid, ids: readonly Uuid[]): Promise<Times> => {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.for(workspaceId).query<TimeRow>({
    text: 'select event_id as id, at from event where workspace_id = $1 and event_id = any($2)',
    values: [workspaceId, ids],
  });
  return timesOf(rows);
};

/** Whether the log or the remembered refusals know all of these ids. */
export const allKnown = async (pool: WorkspacePool, workspaceId: Uuid, ids: readonly Uuid[]): Promise<boolean> => {
  const { rows } = await pool.for(workspaceId).query<{ known: number }>({
    text: `select (select count(*) from event where workspace_id = $1 and event_id = any($2))
                + (select count(*) from outcome where workspace_id = $1 and event_id = any($2)) as known`,
    values: [workspaceId, ids],
  });
  return (rows[0]?.known ?? 0) >= new Set(ids).size;
};
