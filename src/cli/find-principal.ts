import type { Pool } from 'pg';
import { SERVER_DEVICE, type Uuid } from '../shared/base/ids.ts';
import type { Role } from '../shared/contract/events/user.ts';
import type { Principal } from '../server/access/principal.ts';
import { CommandFailed, UsageError } from './command.ts';

interface Wanted {
  /** Id or name. */
  readonly workspace: string | undefined;
  /** E-mail address. */
  readonly user: string | undefined;
}

interface Named {
  readonly id: Uuid;
  readonly name: string;
}

const WORKSPACES = `
select workspace_id as id, coalesce(state->>'name', '') as name from stream where stream_type = 'workspace' order by created_at`;

/** An e-mail address signs in to one workspace. */
const workspaceOfLogin = async (pool: Pool, email: string): Promise<Uuid | undefined> => {
  const { rows } = await pool.query<{ id: Uuid }>('select workspace_id as id from login where email = lower($1)', [
    email,
  ]);
  return rows[0]?.id;
};

/** The workspace that is wanted, or the only one. */
export const findWorkspace = async (pool: Pool, wanted: string | undefined): Promise<Named> => {
  const { rows } = await pool.query<Named>(WORKSPACES);
  if (rows.length === 0) {
    throw new CommandFailed(
      'there is no workspace yet: start the server and sign up (POST /api/auth/sign-up), then import',
    );
  }
  const matches = (row: Named) => row.id === wanted || row.name.toLowerCase() === wanted?.toLowerCase();
  const found = wanted === undefined ? rows : rows.filter(matches);
  const list = rows.slice(0, 20).map(({ id, name }) => `  ${id}  ${name}`);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const what =
    found.length === 0 ? `there is no workspace "${wanted ?? ''}"` : 'name the workspace by --workspace <id>';
  throw new UsageError([`${what}; there are:`, ...list].join('\n'));
};

const USERS = `
select stream_id as id, state->>'role' as role from stream
 where workspace_id = $1 and stream_type = 'user' and state->>'status' = 'active'
   and case when $2::text is null then state->>'role' = 'admin' else lower(state->>'email') = lower($2) end
 order by created_at, stream_id limit 1`;

/** The server itself on behalf of a user: the named one, else the first admin. */
export const findPrincipal = async (pool: Pool, { workspace, user }: Wanted): Promise<Principal> => {
  const ofLogin = workspace === undefined && user !== undefined ? await workspaceOfLogin(pool, user) : undefined;
  const { id: workspaceId, name } = await findWorkspace(pool, workspace ?? ofLogin);
  const { rows } = await pool.query<{ id: Uuid; role: Role }>(USERS, [workspaceId, user ?? null]);
  const [found] = rows;
  if (found !== undefined) return { workspaceId, userId: found.id, deviceId: SERVER_DEVICE, role: found.role };
  throw new CommandFailed(
    user === undefined ? `"${name}" has no active admin` : `"${name}" has no active user ${user}`,
  );
};
