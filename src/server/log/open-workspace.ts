import type { Pool } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';

/** The counter row that the first append needs. Safe to repeat. */
export const openWorkspace = async (pool: Pool, workspaceId: Uuid): Promise<void> => {
  await pool.query('insert into workspace (workspace_id) values ($1) on conflict do nothing', [workspaceId]);
};
