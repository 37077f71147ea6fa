import type { Uuid } from '../../shared/base/ids.ts';
import type { Tokens } from '../../shared/contract/identity.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Connection } from '../database/workspace-pool.ts';
import type { AuthContext } from './context.ts';
import { refusalOfSession } from './device-registry.ts';
import { parseRefreshToken, type RefreshClaims } from './refresh-tokens.ts';
import { IDLE, readLiveSession } from './sessions.ts';
import { issueTokens } from './sign-in.ts';
import { inTransaction } from './transaction.ts';

interface Row {
  readonly userId: Uuid;
  readonly deviceId: Uuid;
  readonly refreshCounter: number;
  readonly confirmedCounter: number;
}

const LOCK = `
select user_id as "userId", device_id as "deviceId", refresh_counter as "refreshCounter", confirmed_counter as "confirmedCounter"
  from session where workspace_id = $1 and session_id = $2 and revoked_at is null and last_used_at > now() - interval '${IDLE}'
   for update`;

const ROTATE = `
update session set refresh_counter = $3, confirmed_counter = greatest(confirmed_counter, $3 - 1), last_used_at = now()
 where workspace_id = $1 and session_id = $2`;

const SEEN = 'update device set last_seen_at = now() where workspace_id = $1 and device_id = $2';

const REVOKE = 'update session set revoked_at = now() where workspace_id = $1 and session_id = $2';

type Outcome = { readonly row: Row; readonly counter: number } | 'reuse' | 'gone';

/**
 * The newest token (n) brings its successor (n + 1). So does its predecessor (n - 1), as long as nothing shows that the
 * client ever got n: an answer may be lost, for days even. Once n is seen in use, whoever still brings n - 1 or older has
 * a copy, and the session ends for both.
 */
const rotate = async (client: Connection, { workspaceId, sessionId, counter }: RefreshClaims): Promise<Outcome> => {
  const { rows } = await client.query<Row>(LOCK, [workspaceId, sessionId]);
  const [row] = rows;
  if (row === undefined) return 'gone';
  if (counter === row.refreshCounter) {
    await client.query(ROTATE, [workspaceId, sessionId, counter + 1]);
    await client.query(SEEN, [workspaceId, row.deviceId]);
    return { row, counter: counter + 1 };
  }
  if (counter === row.refreshCounter - 1 && row.confirmedCounter < row.refreshCounter)
    return { row, counter: row.refreshCounter };
  await client.query(REVOKE, [workspaceId, sessionId]);
  return 'reuse';
};

const refused = (): Problem => new Problem('unauthenticated', 'The session is over. Sign in again.');

export const refresh = async (context: AuthContext, refreshToken: string): Promise<Tokens> => {
  const claims = parseRefreshToken(context.keys.refreshKey, refreshToken);
  if (claims === undefined) throw refused();
  if ((await readLiveSession(context.pool, claims)) === undefined) throw await refusalOfSession(context, claims);
  const outcome = await inTransaction(context.pool.for(claims.workspaceId), (client) => rotate(client, claims));
  if (outcome === 'reuse') context.liveSessions.forget(claims.sessionId);
  if (outcome === 'reuse' || outcome === 'gone') throw refused();
  const { userId, deviceId } = outcome.row;
  return issueTokens(
    context,
    { workspaceId: claims.workspaceId, sessionId: claims.sessionId, userId, deviceId },
    outcome.counter,
  );
};
