import { timingSafeEqual } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { AccessClaims } from './access-tokens.ts';
import { hashOfSecret, parseApiKey, type ApiKey } from './api-key-text.ts';

/** So that "last used" is right to a minute; whether the key still lives is asked every few seconds anyway. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;
/** A live connection with a key shows it again after a day. */
const LASTS_MS = 24 * 3_600_000;

interface Row {
  readonly userId: Uuid;
  readonly deviceId: Uuid;
  readonly secretHash: Buffer;
}

const READ = `
select k.user_id as "userId", s.device_id as "deviceId", k.secret_hash as "secretHash"
  from api_key k join session s on s.workspace_id = k.workspace_id and s.session_id = k.key_id
 where k.workspace_id = $1 and k.key_id = $2`;
const USED = `
update session set last_used_at = now()
 where workspace_id = $1 and session_id = $2 and last_used_at < now() - interval '1 minute'`;

const refused = (): Problem => new Problem('unauthenticated', 'This API key is not valid.');

const verify = async (pool: WorkspacePool, { workspaceId, keyId, secret }: ApiKey): Promise<Row> => {
  const { rows } = await pool.for(workspaceId).query<Row>(READ, [workspaceId, keyId]);
  const [row] = rows;
  if (row === undefined || !timingSafeEqual(row.secretHash, hashOfSecret(secret))) throw refused();
  await pool.for(workspaceId).query(USED, [workspaceId, keyId]);
  return row;
};

/** What an API key claims, as an access token would; like with one, whether its session still lives is asked apart. */
export const createApiKeyClaims = (
  pool: WorkspacePool,
  now: () => number,
): ((text: string) => Promise<AccessClaims>) => {
  const verified = new Map<string, { readonly claims: AccessClaims; readonly at: number }>();
  const remember = (text: string, claims: AccessClaims): void => {
    const [oldest] = verified.keys();
    if (verified.size >= REMEMBERED_MAX && oldest !== undefined) verified.delete(oldest);
    verified.set(text, { claims, at: now() });
  };
  return async (text) => {
    const known = verified.get(text);
    if (known !== undefined && now() - known.at < REMEMBERED_MS) return known.claims;
    verified.delete(text);
    const key = parseApiKey(text);
    if (key === undefined) throw refused();
    const { userId, deviceId } = await verify(pool, key);
    const { workspaceId, keyId: sessionId } = key;
    // No refresh token came along, so there is none to confirm.
    const claims = { workspaceId, userId, deviceId, sessionId, refreshCounter: 0, expiresAt: now() + LASTS_MS };
    remember(text, claims);
    return claims;
  };
};
