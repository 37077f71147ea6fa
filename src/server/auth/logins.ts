import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';

export interface Login {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  readonly passwordHash: string;
}

const FIND = `
select workspace_id as "workspaceId", user_id as "userId", password_hash as "passwordHash" from find_login($1)`;

export const findLogin = async (pool: WorkspacePool, email: string): Promise<Login | undefined> => {
  const { rows } = await pool.outside.query<Login>(FIND, [email]);
  return rows[0];
};

interface Person {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
}

const FIND_OF = `
select email, workspace_id as "workspaceId", user_id as "userId", password_hash as "passwordHash"
  from login where workspace_id = $1 and user_id = $2`;

/** How a user signs in; undefined where nobody set a password yet. */
export const findLoginOf = async (
  pool: WorkspacePool,
  { workspaceId, userId }: Person,
): Promise<(Login & { readonly email: string }) | undefined> => {
  const { rows } = await pool
    .for(workspaceId)
    .query<Login & { readonly email: string }>(FIND_OF, [workspaceId, userId]);
  return rows[0];
};

const ADD = `
insert into login (email, workspace_id, user_id, password_hash) values ($1, $2, $3, $4) on conflict (email) do nothing`;

/** False where the address already signs in somewhere; `client` may be a transaction. */
export const addLogin = async (client: Statements, email: string, login: Login): Promise<boolean> => {
  const { rowCount } = await client.query(ADD, [email, login.workspaceId, login.userId, login.passwordHash]);
  return rowCount === 1;
};

// Not "on conflict do update": where the address is another workspace's, that would be an error and not an answer.
const RESET = 'update login set password_hash = $4 where email = $1 and workspace_id = $2 and user_id = $3';

/** The same, or another password where the login is the user's own. */
export const setLogin = async (client: Statements, email: string, login: Login): Promise<boolean> => {
  if (await addLogin(client, email, login)) return true;
  const { rowCount } = await client.query(RESET, [email, login.workspaceId, login.userId, login.passwordHash]);
  return rowCount === 1;
};

export const setPassword = async (
  client: Statements,
  { workspaceId, userId }: Person,
  passwordHash: string,
): Promise<void> => {
  await client.query('update login set password_hash = $3 where workspace_id = $1 and user_id = $2', [
    workspaceId,
    userId,
    passwordHash,
  ]);
};
