import { createHash, randomBytes } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Invitation } from '../../shared/contract/people.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';

interface Invited {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
}

const PREFIX = 'lzi_';
const TOKEN_BYTES = 32;
const LIFETIME = '7 days';

// The token is as random as a key, so a plain hash keeps it: there is nothing to guess.
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const END = `
update invitation set ended_at = now() where workspace_id = $1 and user_id = $2 and ended_at is null`;

/** Makes the links of a user void. */
export const endInvitations = async (client: Statements, { workspaceId, userId }: Invited): Promise<void> => {
  await client.query(END, [workspaceId, userId]);
};

const ADD = `
insert into invitation (workspace_id, user_id, token_hash, expires_at) values ($1, $2, $3, now() + interval '${LIFETIME}')
returning expires_at as "expiresAt"`;

/** A fresh link for a user; those before it are void. */
export const addInvitation = async (client: Statements, invited: Invited): Promise<Invitation> => {
  await endInvitations(client, invited);
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  const { rows } = await client.query<{ expiresAt: string }>(ADD, [invited.workspaceId, invited.userId, hashOf(token)]);
  return { token, expiresAt: rows[0]?.expiresAt ?? '' };
};

const FIND = `
select workspace_id as "workspaceId", user_id as "userId" from find_invitation($1)`;

/** Whom a token invites; undefined where it was used, is void or was never made. */
export const findInvitation = async (pool: WorkspacePool, token: string): Promise<Invited | undefined> => {
  const { rows } = await pool.outside.query<Invited>(FIND, [hashOf(token)]);
  return rows[0];
};

const TAKE = `
update invitation set ended_at = now() where workspace_id = $1 and token_hash = $2 and ended_at is null`;

/** False for all but the first. */
export const takeInvitation = async (client: Statements, { workspaceId }: Invited, token: string): Promise<boolean> => {
  const { rowCount } = await client.query(TAKE, [workspaceId, hashOf(token)]);
  return rowCount === 1;
};
