import type { Uuid } from '../../../shared/base/ids.ts';
import type { Principal } from '../../access/principal.ts';
import type { WorkspacePool } from '../../database/workspace-pool.ts';
import type { ExportOrder } from './exports.ts';

const NOTE = `
insert into export (workspace_id, export_id, user_id, role, type, format, with_deleted) values ($1, $2, $3, $4, $5, $6, $7)`;

/** Before the first byte leaves: who takes what. */
export const noteExport = async (
  pool: WorkspacePool,
  { workspaceId, userId, role }: Principal,
  id: Uuid,
  { type, format, deleted }: ExportOrder,
): Promise<void> => {
  await pool.for(workspaceId).query(NOTE, [workspaceId, id, userId, role, type, format, deleted]);
};

const FINISH = `
update export set finished_at = now(), row_count = $3, sha256 = $4 where workspace_id = $1 and export_id = $2`;

/** When every row was handed over. */
export const finishNote = async (
  pool: WorkspacePool,
  { workspaceId, id }: { readonly workspaceId: Uuid; readonly id: Uuid },
  rows: number,
  sha256: Buffer,
): Promise<void> => {
  await pool.for(workspaceId).query(FINISH, [workspaceId, id, rows, sha256]);
};
