import type { Pool } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';

export interface Login {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  readonly passwordHash: string;
}

const FIND = `
select workspace_id as "workspaceId", user_id as "userId", password_hash as "passwordHash" from login where email = $1`;

export const findLogin = async (pool: Pool, email: string): Promise<Login | undefined> => {
  const { rows } = await pool.query<Login>(FIND, [email]);
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
  pool: Pool,
  { workspaceId, userId }: Person,
): Promise<(Login & { readonly email: string }) | undefined> => {
  const { rows } = await pool.query<Login & { readonly email: string }>(FIND_OF, [workspaceId, userId]);
  return rows[0];
};

const ADD = `
insert into login (email, workspace_id, user_id, password_hash) values ($1, $2, $3, $4) on conflict (email) do nothing`;

/** False where the address already signs in somewhere; `client` may be a transaction. */
export const addLogin = async (client: Pick<Pool, 'query'>, email: string, login: Login): Promise<boolean> => {
  const { rowCount } = await client.query(ADD, [email, login.workspaceId, login.userId, login.passwordHash]);
  return rowCount === 1;
};

const SET = `
insert into login (email, workspace_id, user_id, password_hash) values ($1, $2, $3, $4)
on conflict (email) do update set password_hash = excluded.password_hash
 where login.workspace_id = excluded.workspace_id and login.user_id = excluded.user_id`;

/** The same, or another password where the login is the user's own. */
export const setLogin = async (client: Pick<Pool, 'query'>, email: string, login: Login): Promise<boolean> => {
  const { rowCount } = await client.query(SET, [email, login.workspaceId, login.userId, login.passwordHash]);
  return rowCount === 1;
};

export const setPassword = async (
  client: Pick<Pool, 'query'>,
  { workspaceId, userId }: Person,
  passwordHash: string,
): Promise<void> => {
  await client.query('update login set password_hash = $3 where workspace_id = $1 and user_id = $2', [
    workspaceId,
    userId,
    passwordHash,
  ]);
};
