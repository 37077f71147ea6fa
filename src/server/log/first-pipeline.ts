import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** The pipeline that a deal without one goes into: the workspace's first. */
export const firstPipeline = async (pool: WorkspacePool, workspaceId: Uuid): Promise<Uuid | undefined> => {
  const { rows } = await pool.for(workspaceId).query<{ id: Uuid }>(
    `select stream_id as id from stream where workspace_id = $1 and stream_type = 'pipeline'
     order by created_at, stream_id limit 1`,
    [workspaceId],
  );
  return rows[0]?.id;
};
