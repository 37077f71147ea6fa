import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

const TAKEN = `
select distinct lower(state ->> 'email') as email from stream
 where workspace_id = $1 and stream_type = 'user' and lower(state ->> 'email') = any($2)`;

/** Of some addresses (lower case) those that somebody in the workspace has, signed in or not. */
export const takenEmails = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  emails: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await pool.for(workspaceId).query<{ email: string }>(TAKEN, [workspaceId, emails]);
  return new Set(rows.map(({ email }) => email));
};
