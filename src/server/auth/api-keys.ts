import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { ApiKeyView, NewApiKey } from '../../shared/contract/api-keys.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { writeEvents } from '../resources/write-events.ts';
import { formatApiKey, hashOfSecret, newApiKeySecret } from './api-key-text.ts';
import { asServer } from './as-server.ts';
import type { AuthContext } from './context.ts';
import { claimDevice } from './devices.ts';
import { openSession, revokeSession } from './sessions.ts';
import { recordIn, requireRole, type Page } from './set-up-records.ts';
import { inTransaction } from './transaction.ts';

export interface ApiKeyPage {
  readonly items: readonly ApiKeyView[];
  readonly next: Uuid | null;
}

export interface MadeApiKey {
  readonly made: ApiKeyView & { readonly key: string };
  readonly position: number;
}

/** The keys of integrations; for admins. Every method throws a Problem for what it refuses. */
export interface ApiKeys {
  list(principal: Principal, page: Page): Promise<ApiKeyPage>;
  add(principal: Principal, key: NewApiKey): Promise<MadeApiKey>;
  /** Felt within seconds everywhere. Revoking what is revoked changes nothing. */
  revoke(principal: Principal, id: Uuid): Promise<ApiKeyView>;
}

const VIEW = `
select k.key_id as id, k.name, k.user_id as "userId", u.state ->> 'role' as role, k.created_by as "createdBy",
       k.created_at as "createdAt", s.last_used_at as "lastUsedAt", k.expires_at as "expiresAt", s.revoked_at as "revokedAt"
  from api_key k
  join session s on s.workspace_id = k.workspace_id and s.session_id = k.key_id
  join stream u on u.workspace_id = k.workspace_id and u.stream_id = k.user_id
 where k.workspace_id = $1`;

const LIST = `${VIEW} and ($2::uuid is null or k.key_id > $2) order by k.key_id limit $3`;
const ADD = `
insert into api_key (workspace_id, key_id, user_id, name, secret_hash, created_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`;
/** A session knows no other end than its key. */
const LASTS = `
update session set expires_at = coalesce($3::timestamptz, now() + interval '100 years') where workspace_id = $1 and session_id = $2`;

const findKey = async (pool: WorkspacePool, workspaceId: Uuid, id: Uuid): Promise<ApiKeyView | undefined> =>
  (await pool.for(workspaceId).query<ApiKeyView>(`${VIEW} and k.key_id = $2`, [workspaceId, id])).rows[0];

/** The user in whose name the key's requests are made; it has no e-mail address and cannot sign in. */
const addIntegration = async (context: AuthContext, principal: Principal, { name, role }: NewApiKey) => {
  const userId = context.newId();
  const { position } = await writeEvents(context, asServer(principal), async () => [
    { id: userId, type: 'UserInvited', data: { name, role } },
    { id: userId, type: 'UserActivated', basedOn: 1, data: {} },
  ]);
  return { userId, position };
};

const addKey = async (context: AuthContext, principal: Principal, wanted: NewApiKey): Promise<MadeApiKey> => {
  const { workspaceId } = principal;
  const expiresAt = wanted.expiresAt ?? null;
  if (expiresAt !== null && Date.parse(expiresAt) <= context.now()) {
    throw new Problem('invalid_request', 'The key would be expired.', {
      errors: [{ path: 'expiresAt', message: 'must be in the future' }],
    });
  }
  const { userId, position } = await addIntegration(context, principal, wanted);
  const [keyId, secret] = [context.newId(), newApiKeySecret()];
  await inTransaction(context.pool.for(workspaceId), async (client) => {
    const deviceId = await claimDevice(client, { workspaceId, userId }, { name: wanted.name, platform: 'api' });
    await openSession(client, { workspaceId, userId, sessionId: keyId, deviceId });
    await client.query(LASTS, [workspaceId, keyId, expiresAt]);
    const values = [workspaceId, keyId, userId, wanted.name, hashOfSecret(secret), principal.userId, expiresAt];
    await client.query(ADD, values);
  });
  const view = must(await findKey(context.pool, workspaceId, keyId), 'a key that was just made');
  return { made: { ...view, key: formatApiKey({ workspaceId, keyId, secret }) }, position };
};

const revokeKey = async (context: AuthContext, principal: Principal, id: Uuid): Promise<ApiKeyView> => {
  const { workspaceId } = principal;
  const key = await findKey(context.pool, workspaceId, id);
  if (key === undefined) throw new Problem('not_found', 'There is no such API key.');
  await revokeSession(context.pool, { workspaceId, sessionId: id });
  context.liveSessions.forget(id);
  await writeEvents(context, asServer(principal), async () => {
    const { state, version, clocks } = await recordIn(context.pool, principal, 'user', key.userId);
    if (state['status'] === 'deactivated') return [];
    return [{ id: key.userId, type: 'UserDeactivated', data: {}, basedOn: version, clocks }];
  });
  return must(await findKey(context.pool, workspaceId, id), 'a key that was there');
};

export const createApiKeys = (context: AuthContext): ApiKeys => ({
  list: async (principal, { limit, after }) => {
    requireRole(principal, 'admin');
    const { workspaceId } = principal;
    const { rows } = await context.pool
      .for(workspaceId)
      .query<ApiKeyView>(LIST, [workspaceId, after ?? null, limit + 1]);
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  },
  add: async (principal, key) => {
    requireRole(principal, 'admin');
    return addKey(context, principal, key);
  },
  revoke: async (principal, id) => {
    requireRole(principal, 'admin');
    return revokeKey(context, principal, id);
  },
});
