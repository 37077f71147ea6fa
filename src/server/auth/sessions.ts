import type { Uuid } from '../../shared/base/ids.ts';
import type { Role } from '../../shared/contract/events/user.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';

/** However often it is refreshed, a session ends after 90 days, or after 14 without use. */
const ABSOLUTE = '90 days';
export const IDLE = '14 days';

export interface SessionKey {
  readonly workspaceId: Uuid;
  readonly sessionId: Uuid;
}

export interface NewSession extends SessionKey {
  readonly userId: Uuid;
  readonly deviceId: Uuid;
}

export interface LiveSession {
  readonly role: Role;
  /** Of the order to wipe that its device has; null unless it is retired. */
  readonly wipeNonce: string | null;
  /** Number of the newest refresh token that the client is known to have. */
  readonly confirmedCounter: number;
}

const OPEN = `
insert into session (workspace_id, session_id, user_id, device_id, expires_at)
values ($1, $2, $3, $4, now() + interval '${ABSOLUTE}')`;

/** `client` is the transaction that also notes the device. */
export const openSession = async (client: Statements, session: NewSession): Promise<void> => {
  await client.query(OPEN, [session.workspaceId, session.sessionId, session.userId, session.deviceId]);
};

const LIVE = `
select u.state ->> 'role' as role, d.wipe_nonce as "wipeNonce", s.confirmed_counter as "confirmedCounter"
  from session s
  join device d on d.workspace_id = s.workspace_id and d.device_id = s.device_id
  join stream u on u.workspace_id = s.workspace_id and u.stream_id = s.user_id
 where s.revoked_at is null and s.expires_at > now()
   and d.revoked_at is null and u.state ->> 'status' <> 'deactivated'
   and s.workspace_id = $1 and s.session_id = $2`;

/** Undefined where the session or its device was revoked, it is over, or the user was disabled. */
export const readLiveSession = async (pool: WorkspacePool, key: SessionKey): Promise<LiveSession | undefined> => {
  const { rows } = await pool.for(key.workspaceId).query<LiveSession>({
    name: 'live_session',
    text: LIVE,
    values: [key.workspaceId, key.sessionId],
  });
  return rows[0];
};

// The same rule over many workspaces: migrations/0012.
const LIVE_AMONG = 'select session_id as "sessionId", role from live_roles($1, $2)';

/** The roles in force of those of the sessions that are not over, in one question for all. */
export const readLiveRoles = async (pool: WorkspacePool, sessions: readonly SessionKey[]): Promise<Map<Uuid, Role>> => {
  const values = [sessions.map((key) => key.workspaceId), sessions.map((key) => key.sessionId)];
  const { rows } = await pool.outside.query<{ sessionId: Uuid; role: Role }>({
    name: 'live_roles',
    text: LIVE_AMONG,
    values,
  });
  return new Map(rows.map(({ sessionId, role }) => [sessionId, role]));
};

const CONFIRM = `
update session set confirmed_counter = greatest(confirmed_counter, $3), last_used_at = now()
 where workspace_id = $1 and session_id = $2`;

/** The client has shown that the nth pair of tokens reached it, so the one before it must not be used any more. */
export const confirmSession = async (pool: WorkspacePool, key: SessionKey, counter: number): Promise<void> => {
  await pool.for(key.workspaceId).query(CONFIRM, [key.workspaceId, key.sessionId, counter]);
};

export const revokeSession = async (pool: WorkspacePool, key: SessionKey): Promise<void> => {
  await pool
    .for(key.workspaceId)
    .query('update session set revoked_at = now() where workspace_id = $1 and session_id = $2 and revoked_at is null', [
      key.workspaceId,
      key.sessionId,
    ]);
};

interface Person {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
}

const OF_USER =
  'select session_id as "sessionId" from session where workspace_id = $1 and user_id = $2 and revoked_at is null';

/** The ids of a user's sessions that nobody revoked. */
export const sessionsOf = async (pool: WorkspacePool, { workspaceId, userId }: Person): Promise<Uuid[]> => {
  const { rows } = await pool.for(workspaceId).query<{ sessionId: Uuid }>(OF_USER, [workspaceId, userId]);
  return rows.map((row) => row.sessionId);
};

const REVOKE_OF_USER = `
update session set revoked_at = now()
 where workspace_id = $1 and user_id = $2 and revoked_at is null and session_id is distinct from $3
returning session_id as "sessionId"`;

/** Revokes a user's sessions, all but one if it is named; answers their ids. */
export const revokeSessionsOf = async (
  client: Statements,
  { workspaceId, userId }: Person,
  except: Uuid | null = null,
): Promise<Uuid[]> => {
  const { rows } = await client.query<{ sessionId: Uuid }>(REVOKE_OF_USER, [workspaceId, userId, except]);
  return rows.map((row) => row.sessionId);
};
