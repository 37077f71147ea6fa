import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** A stream as after its newest event. Never changed in place: a group's speculative states are copies. */
export interface StreamSnapshot {
  readonly id: Uuid;
  readonly type: StreamType;
  readonly version: number;
  readonly root: Uuid;
  /** null for activities. */
  readonly scope: Uuid | null;
  /** ISO time at which the creation occurred. */
  readonly createdAt: string;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
  /** At least as many bytes as the state's JSON has: exact when loaded, then grown by every event's size. */
  readonly stateBytes: number;
}

interface Row extends Omit<StreamSnapshot, 'state' | 'clocks' | 'stateBytes'> {
  readonly state: string;
  readonly clocks: string;
}

// `limit 1` keeps this a lookup an id by the primary key. With "stream_id = any($2)" the planner, whose statistics lag
// behind a young workspace, was seen to read all rows of the workspace instead. No statement on event or stream is
// prepared by name, for the same reason: a plan kept from when the table was small takes any index of the workspace.
const STREAMS = `
select s.* from unnest($2::uuid[]) as i(id), lateral (
  select stream_id as id, stream_type as type, version, root_id as root, scope_id as scope, created_at as "createdAt", state, clocks
    from stream where workspace_id = $1 and stream_id = i.id limit 1) s`;

/** The present state of those streams that exist. */
export const readStreams = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  ids: readonly Uuid[],
): Promise<StreamSnapshot[]> => {
  if (ids.length === 0) return [];
  const { rows } = await pool.for(workspaceId).query<Row>({ text: STREAMS, values: [workspaceId, ids] });
  return rows.map((row) => ({
    ...row,
    state: JSON.parse(row.state) as JsonObject,
    clocks: JSON.parse(row.clocks) as RegisterClocks,
    stateBytes: Buffer.byteLength(row.state),
  }));
};
