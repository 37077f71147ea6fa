import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { EventType } from '../../../src/shared/contract/events/registry.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { newcomer, PASSWORD } from '../../support/app.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { newAddress, type Method } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { proposed } from '../../support/workspace.ts';

/** What page 2 of the design promises. */
const FELT_MS = 10_000;
const PATIENCE_MS = 2 * FELT_MS;
const REQUEST_MS = 60_000;
const ELSEWHERE = 'another pass phrase';

/** A turn that comes later than this counts as this much: while a machine stands still, nobody on it feels anything. */
const TURN_MS = 500;
let lived = 0;
const clock = (): NodeJS.Timeout => {
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    lived += Math.min(now - last, TURN_MS);
    last = now;
  }, TURN_MS / 10);
};

let ticking: NodeJS.Timeout;
let database: TestDatabase;
let here: ServerProcess;
let there: ServerProcess;
let admin: SignedIn;
beforeAll(async () => {
  database = await openTestDatabase();
  const settings = { DATABASE_URL: database.url, LOG_LEVEL: 'fatal', RATE_LIMIT: 'off' };
  [here, there] = await Promise.all([startServerProcess(settings), startServerProcess(settings)]);
  admin = await ok('', 'POST', '/api/auth/sign-up', newcomer());
  ticking = clock();
});
afterAll(async () => {
  clearInterval(ticking);
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

type Call = readonly [method: Method, url: string, body?: object];
const ask = ({ address }: ServerProcess, token: string, ...[method, url, body]: Call): Promise<Response> =>
  fetch(address + url, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
/** What this server answers, which must be a yes. */
const ok = async <T = Json>(token: string, ...call: Call): Promise<T> => {
  const response = await ask(here, token, ...call);
  const text = await response.text();
  if (!response.ok) throw new Error(`${call[0]} ${call[1]}: ${response.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
};
const asAdmin = (...call: Call): Promise<Json> => ok(admin.accessToken, ...call);
const signIn = (email: string): Promise<SignedIn> => ok('', 'POST', '/api/auth/sign-in', { email, password: PASSWORD });
const byPhone = async (who: SignedIn, type: EventType, data: Json): Promise<void> => {
  const events = [proposed(admin, type, who.user.id, data)];
  const { results } = await asAdmin('POST', '/api/sync', { protocol: 1, events });
  if (results[0].status !== 'accepted') throw new Error(JSON.stringify(results));
};

const newUser = async (role: string): Promise<SignedIn> => {
  const email = newAddress();
  await asAdmin('POST', '/api/users', { name: 'Bob', email, role, password: PASSWORD });
  return signIn(email);
};

/** A stream of hints from the other server; `closed` is the code it ends with. */
const listen = async (token: string): Promise<{ socket: WebSocket; closed: Promise<number> }> => {
  const url = `${there.address.replace('http', 'ws')}/api/sync/live`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('open', resolve));
  return { socket, closed };
};

/** Resolves once the other server gives the answer. */
const answered = async (token: string, url: string, status: number): Promise<void> => {
  for (const deadline = lived + PATIENCE_MS; ; await delay(100)) {
    const response = await ask(there, token, 'GET', url);
    await response.body?.cancel();
    if (response.status === status) return;
    if (lived > deadline) throw new Error(`${url} answered ${response.status} for ${PATIENCE_MS} ms`);
  }
};

const timed = async (name: string, felt: () => Promise<unknown>): Promise<number> => {
  const since = lived;
  await felt();
  const took = lived - since;
  process.stdout.write(`felt by the other server after ${(took / 1000).toFixed(1)} s: ${name}\n`);
  return took;
};

const TIMEOUT = { timeout: 2 * REQUEST_MS };

/** How somebody loses the session of an access token that is good for ten minutes. */
const ENDINGS: readonly (readonly [string, (who: SignedIn) => Promise<unknown>])[] = [
  ['signing out', ({ accessToken }) => ok(accessToken, 'POST', '/api/auth/sign-out')],
  ['disabling a user', ({ user }) => asAdmin('PATCH', `/api/users/${user.id}`, { status: 'disabled' })],
  ['disabling a user by sync', (who) => byPhone(who, 'UserDeactivated', {})],
  ['revoking a device', ({ deviceId }) => asAdmin('DELETE', `/api/devices/${deviceId}`)],
  [
    'changing the password elsewhere',
    async ({ user }) => {
      const { accessToken } = await signIn(user.email ?? '');
      const change = { currentPassword: PASSWORD, newPassword: ELSEWHERE };
      await ok(accessToken, 'POST', '/api/auth/change-password', change);
    },
  ],
  [
    'a new password by invitation',
    async ({ user }) => {
      const { token } = await asAdmin('POST', `/api/users/${user.id}/invitation`);
      await ok('', 'POST', '/api/auth/accept-invitation', { token, password: ELSEWHERE });
    },
  ],
  [
    'a refresh token used twice',
    async ({ refreshToken }) => {
      const { accessToken } = await ok('', 'POST', '/api/auth/refresh', { refreshToken });
      await ok(accessToken, 'GET', '/api/me');
      const again = await ask(here, '', 'POST', '/api/auth/refresh', { refreshToken });
      if (again.status !== 401) throw new Error(`the used token was answered ${again.status}`);
    },
  ],
];

// Side by side: each waits for the other server, up to ten seconds.
describe.concurrent('what one server was told, a server in another process feels within 10 s', TIMEOUT, () => {
  test.each(ENDINGS)('%s ends the session, its refresh token and its live stream', async (name, end) => {
    const who = await newUser('rep');
    const { closed } = await listen(who.accessToken);
    await answered(who.accessToken, '/api/me', 200);
    await end(who);
    const [asked, live] = await Promise.all([
      timed(name, () => answered(who.accessToken, '/api/me', 401)),
      timed(`${name}, live`, () => closed),
    ]);
    expect(asked).toBeLessThan(FELT_MS);
    expect(live).toBeLessThan(FELT_MS);
    expect(await closed).toBe(4403);
    const { refreshToken } = who;
    expect((await ask(there, '', 'POST', '/api/auth/refresh', { refreshToken })).status).toBe(401);
  });

  test('revoking an API key', async () => {
    const { id, key } = await asAdmin('POST', '/api/api-keys', { name: 'Robot', role: 'rep' });
    const { closed } = await listen(key);
    await answered(key, '/api/me', 200);
    await asAdmin('DELETE', `/api/api-keys/${id}`);
    const [asked, live] = await Promise.all([
      timed('revoking an API key', () => answered(key, '/api/me', 401)),
      timed('revoking an API key, live', () => closed),
    ]);
    expect(asked).toBeLessThan(FELT_MS);
    expect(live).toBeLessThan(FELT_MS);
    expect(await closed).toBe(4403);
  });

  test.each<[string, (who: SignedIn) => Promise<unknown>]>([
    ['changing a role', ({ user }) => asAdmin('PATCH', `/api/users/${user.id}`, { role: 'rep' })],
    ['changing a role by sync', (who) => byPhone(who, 'RoleChanged', { role: 'rep' })],
  ])('%s takes its rights and leaves the session', async (name, change) => {
    const who = await newUser('manager');
    const { accessToken } = who;
    const { socket } = await listen(accessToken);
    await answered(accessToken, '/api/users', 200);
    await change(who);
    expect(await timed(name, () => answered(accessToken, '/api/users', 403))).toBeLessThan(FELT_MS);
    expect((await ask(there, accessToken, 'GET', '/api/me')).status).toBe(200);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  test('retiring a device, which then gets the order to wipe itself', async () => {
    const { accessToken, deviceId } = await newUser('rep');
    await answered(accessToken, '/api/me', 200);
    await asAdmin('POST', `/api/devices/${deviceId}/retire`);
    const ordered = async (): Promise<void> => {
      while ((await ask(there, accessToken, 'GET', '/api/me')).headers.get('x-wipe-order') === null) await delay(100);
    };
    expect(await timed('retiring a device', ordered)).toBeLessThan(FELT_MS);
  });
});
