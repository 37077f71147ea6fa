import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** The counter row that the first append needs. Safe to repeat. */
export const openWorkspace = async (pool: WorkspacePool, workspaceId: Uuid): Promise<void> => {
  await pool
    .for(workspaceId)
    .query('insert into workspace (workspace_id) values ($1) on conflict do nothing', [workspaceId]);
};
