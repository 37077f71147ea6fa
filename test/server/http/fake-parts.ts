import { pino } from 'pino';
import type { Principal } from '../../../src/server/access/principal.ts';
import type { Auth, Session } from '../../../src/server/auth/auth.ts';
import type { AppParts } from '../../../src/server/http/parts.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import type { SyncRequest } from '../../../src/shared/contract/sync.ts';

export const WORKSPACE = '01970000-0000-7000-8000-000000000001';
export const USER = '01970000-0000-7000-8000-000000000002';
export const DEVICE = '01970000-0000-7000-8000-000000000003';
export const TOKEN = 'good';
export const principal: Principal = { workspaceId: WORKSPACE, userId: USER, deviceId: DEVICE, role: 'admin' };

const claims = { workspaceId: WORKSPACE, userId: USER, deviceId: DEVICE, sessionId: DEVICE, refreshCounter: 1 };

/** The session behind the token `good`, or `good:<user id>`, for an hour. */
export const sessionFor = (token: string): Session => {
  const [word, userId = USER] = token.split(':');
  if (word !== TOKEN) throw new Problem('unauthenticated', 'Sign in.');
  const expiresAt = Date.now() + 3_600_000;
  return { principal: { ...principal, userId }, sessionId: DEVICE, expiresAt, claims: { ...claims, expiresAt } };
};

const never = (): never => {
  throw new Error('not part of this test');
};

export const fakeAuth = (changes: Partial<Auth> = {}): Auth => ({
  authenticate: async (header) => sessionFor(header?.replace('Bearer ', '') ?? ''),
  authenticateToken: async (token) => sessionFor(token),
  liveRoles: async (sessions) => new Map(sessions.map(({ sessionId, principal: { role } }) => [sessionId, role])),
  signUp: never,
  signIn: never,
  refresh: never,
  signOut: async () => {},
  acceptInvitation: never,
  changePassword: never,
  me: never,
  users: { list: never, get: never, add: never, invite: never, change: never },
  devices: { list: never, revoke: never, retire: never, wiped: never },
  apiKeys: { list: never, add: never, revoke: never },
  publishedKeys: never,
  teams: { list: never, get: never, add: never, change: never, remove: never, addMember: never, removeMember: never },
  workspace: { get: never, change: never },
  ...changes,
});

/** Every request that reached `sync`. */
export interface SyncProbe {
  readonly requests: SyncRequest[];
}

/** Parts of an app without a database; `sync` answers with what it was asked. */
export const fakeParts = (changes: Partial<AppParts> = {}): AppParts & SyncProbe => {
  const requests: SyncRequest[] = [];
  return {
    config: { corsOrigins: [], trustProxy: [] },
    log: pino({ level: 'silent' }),
    auth: fakeAuth(),
    sync: async (_, request) => {
      requests.push(request);
      return JSON.stringify({ results: request.events ?? [] });
    },
    projections: { status: never, retry: never },
    reads: { list: never, get: never, conflicts: never, reminders: never, history: never },
    writes: {
      create: never,
      patch: never,
      remove: never,
      restore: never,
      moveDeal: never,
      revert: never,
      resolve: never,
      convert: never,
      share: never,
      endShare: never,
    },
    analytics: { ask: never },
    exports: { open: never },
    imports: { start: never, job: never, position: never, verdicts: never, revert: never, close: never },
    live: { watch: () => () => {} },
    health: { problems: async () => [] },
    asProblem: (error) => error,
    requests,
    ...changes,
  };
};

export const authorized = { authorization: `Bearer ${TOKEN}` };
