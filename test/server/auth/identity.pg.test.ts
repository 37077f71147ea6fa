import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuth } from '../../../src/server/auth/auth.ts';
import { SERVER_DEVICE } from '../../../src/shared/base/ids.ts';
import type { Me, SignedIn, Tokens } from '../../../src/shared/contract/identity.ts';
import { newcomer, openTestApp, PASSWORD, postJson, signUp, type TestApp } from '../../support/app.ts';
import { watchedPool } from '../../support/watched-pool.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

const post = (url: string, body: object | string, token?: string) => postJson(server.app, url, body, token);
const me = (token: string) => server.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
const signIn = (email: string | null, more: object = {}) =>
  post('/api/auth/sign-in', { email, password: PASSWORD, ...more });

/** How long a sign-in with a wrong password takes; milliseconds. */
const refusalTime = async (email: string | null): Promise<number> => {
  // Nobody has failed before, as far as the throttle knows.
  await server.test.database.owner.query('delete from throttle');
  const start = performance.now();
  await signIn(email, { password: 'wrong password' });
  return performance.now() - start;
};
const deviceOf = async (who: SignedIn, device?: object) =>
  (await signIn(who.user.email, { device })).json<SignedIn>().deviceId;
const refresh = (refreshToken: string) => post('/api/auth/refresh', { refreshToken });

describe('signing up', () => {
  test('makes a workspace, its first admin and a session', async () => {
    const device = { id: '01970000-0000-7000-8000-00000000d001', name: 'Pixel', platform: 'android' };
    const response = await post('/api/auth/sign-up', newcomer({ device }));
    expect(response.statusCode).toBe(201);
    expect(response.headers['x-log-position']).toBe('4');
    expect(response.json()).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: 600,
      user: expect.objectContaining({ id: expect.stringMatching(UUID), name: 'Ada', role: 'admin', status: 'active' }),
      workspace: expect.objectContaining({ id: expect.stringMatching(UUID), name: 'Acme' }),
      deviceId: device.id,
    });
  });

  test('leaves four events and a default pipeline that the first pull brings', async () => {
    const { accessToken } = await signUp(server.app);
    const answer = (await post('/api/sync', { protocol: 1, cursor: null }, accessToken)).json<{
      head: number;
      ops: { stream: { type: string } }[];
    }>();
    expect(answer.head).toBe(4);
    expect(answer.ops.map(({ stream }) => stream.type).toSorted()).toEqual(['pipeline', 'user', 'workspace']);
  });

  test('takes an address once, however it is written', async () => {
    const { user } = await signUp(server.app);
    const again = await post('/api/auth/sign-up', newcomer({ email: ` ${user.email?.toUpperCase()} ` }));
    expect(again.statusCode).toBe(409);
    expect(again.json()).toMatchObject({ code: 'already_exists' });
  });

  test('by twenty at once with one address lets one in', async () => {
    const body = newcomer();
    const responses = await Promise.all(Array.from({ length: 20 }, () => post('/api/auth/sign-up', body)));
    const statuses = responses.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
  });

  test('that dies before the login is there can be done again', async () => {
    const body = newcomer();
    const broken = await openTestApp(({ push, ...rest }) => ({ auth: rest.auth, push }));
    await broken.test.database.owner.query('alter table login add constraint nobody check (false) not valid');
    expect((await postJson(broken.app, '/api/auth/sign-up', body)).statusCode).toBe(500);
    await broken.test.database.owner.query('alter table login drop constraint nobody');
    expect((await postJson(broken.app, '/api/auth/sign-up', body)).statusCode).toBe(201);
    await broken[Symbol.asyncDispose]();
  });

  test.each([
    ['no e-mail address', { email: 'ada' }, 'email'],
    ['an endless e-mail address', { email: `${'a'.repeat(100_000)}@example.com` }, 'email'],
    ['a short password', { password: '1234567' }, 'password'],
    ['a password of a megabyte', { password: 'a'.repeat(1_000_000) }, 'password'],
    ['no name', { name: '  ' }, 'name'],
    ['an endless workspace name', { workspaceName: 'a'.repeat(301) }, 'workspaceName'],
    ['a role of its own choice', { role: 'admin' }, 'role'],
    ['a device id that is none', { device: { id: 'phone' } }, 'device.id'],
    ['a NUL in the name', { name: 'A\0da' }, 'name'],
    ['a NUL in the password', { password: 'pass\0word' }, 'password'],
    ['half a surrogate pair', { name: 'A\ud800da' }, 'name'],
  ])('with %s is refused and names the field', async (_, changes, path) => {
    const response = await post('/api/auth/sign-up', newcomer(changes));
    expect(response.statusCode).toBe(400);
    const problem = response.json<{ code: string; errors: { path: string }[] }>();
    expect(problem.code).toBe('invalid_request');
    expect(problem.errors.map((error) => error.path)).toContain(path);
  });

  test('takes a long password with an emoji, exactly', async () => {
    const password = '🐎 '.repeat(40);
    const { user } = await signUp(server.app, { password });
    expect((await signIn(user.email, { password })).statusCode).toBe(200);
    expect((await signIn(user.email, { password: password.trim() })).statusCode).toBe(401);
  });
});

describe('signing in', () => {
  test('answers like signing up', async () => {
    const first = await signUp(server.app);
    const response = await signIn(first.user.email, { device: { id: first.deviceId } });
    expect(response.statusCode).toBe(200);
    const { accessToken, refreshToken, ...same } = response.json<SignedIn>();
    expect(same).toEqual({ expiresIn: 600, user: first.user, workspace: first.workspace, deviceId: first.deviceId });
    expect([accessToken, refreshToken]).not.toContain(first.accessToken);
  });

  test('is refused in the same words for a wrong password and an unknown address', async () => {
    const { user } = await signUp(server.app);
    const wrong = await signIn(user.email, { password: 'wrong password' });
    const unknown = await signIn('nobody@example.com');
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    expect(wrong.json()).toEqual(unknown.json());
  });

  test('costs a hash for an unknown address too', async () => {
    const { user } = await signUp(server.app);
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 15; round += 1) {
      known.push(await refusalTime(user.email));
      unknown.push(await refusalTime('nobody@example.com'));
    }
    // The least of many is what the work costs, whatever else the machine does: without a hash it is a tenth.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) * 0.6);
  });

  test('gives a fresh device to whoever brings none, somebody else’s, the server’s or a revoked one', async () => {
    const [ada, bob] = [await signUp(server.app), await signUp(server.app)];
    const theirs = await deviceOf(bob, { id: ada.deviceId });
    expect(theirs).toMatch(UUID);
    expect(theirs).not.toBe(ada.deviceId);
    expect(await deviceOf(bob)).not.toBe(theirs);
    expect(await deviceOf(bob, { id: SERVER_DEVICE })).not.toBe(SERVER_DEVICE);
    expect(await deviceOf(ada, { id: ada.deviceId })).toBe(ada.deviceId);
    await server.test.database.owner.query('update device set revoked_at = now() where device_id = $1', [ada.deviceId]);
    expect(await deviceOf(ada, { id: ada.deviceId })).not.toBe(ada.deviceId);
  });

  test('by sixty at once hashes two at a time, and sends the rest away early', async () => {
    const responses = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        server.app.inject({
          method: 'POST',
          url: '/api/auth/sign-in',
          remoteAddress: `192.0.2.${at}`,
          headers: { 'content-type': 'application/json' },
          payload: JSON.stringify({ email: `nobody${at}@example.com`, password: PASSWORD }),
        }),
      ),
    );
    const count = (status: number) => responses.filter(({ statusCode }) => statusCode === status).length;
    expect(count(401)).toBeGreaterThanOrEqual(22);
    expect(count(503)).toBeGreaterThan(0);
    expect(count(401) + count(503)).toBe(60);
    const shed = responses.find(({ statusCode }) => statusCode === 503);
    expect(shed?.json()).toMatchObject({ code: 'overloaded' });
    expect(shed?.headers['retry-after']).toBe('1');
  });
});

describe('a session', () => {
  test('knows whose it is', async () => {
    const { accessToken, user, workspace, deviceId } = await signUp(server.app);
    expect((await me(accessToken)).json<Me>()).toEqual({ user, roles: ['admin'], teams: [], workspace, deviceId });
  });

  test('ends with signing out, at once', async () => {
    const { accessToken, refreshToken } = await signUp(server.app);
    const response = await post('/api/auth/sign-out', '', accessToken);
    expect([response.statusCode, response.payload]).toEqual([204, '']);
    expect((await me(accessToken)).statusCode).toBe(401);
    expect((await post('/api/auth/refresh', { refreshToken })).statusCode).toBe(401);
  });

  test.each([
    ['the session is revoked', 'update session set revoked_at = now() where workspace_id = $1'],
    ['the session is over', 'update session set expires_at = now() where workspace_id = $1'],
    ['the device is revoked', 'update device set revoked_at = now() where workspace_id = $1'],
    [
      'the user is disabled',
      `update stream set state = replace(state::text, '"active"', '"deactivated"')::json where workspace_id = $1`,
    ],
  ])('is refused within 10 s after %s elsewhere', async (_, sql) => {
    const { accessToken, refreshToken, workspace, user } = await signUp(server.app);
    expect((await me(accessToken)).statusCode).toBe(200);
    await server.test.database.owner.query(sql, [workspace.id]);
    server.skew += 5_001;
    expect((await me(accessToken)).statusCode).toBe(401);
    expect((await post('/api/auth/refresh', { refreshToken })).statusCode).toBe(401);
    if (sql.includes('stream')) expect((await signIn(user.email)).statusCode).toBe(401);
  });

  test('asks the database once for a hundred requests', async () => {
    const { accessToken } = await signUp(server.app);
    let reads = 0;
    const pool = watchedPool(server.test.database.app, (run, { name }) => {
      if (name === 'live_session') reads += 1;
      return run();
    });
    const auth = createAuth({ pool, keys: server.keys, push: server.push });
    await Promise.all(Array.from({ length: 100 }, () => auth.authenticate(`Bearer ${accessToken}`)));
    expect(reads).toBe(1);
  });
});

describe('a refresh token', () => {
  test('brings a pair that works', async () => {
    const first = await signUp(server.app);
    const second = (await refresh(first.refreshToken)).json<Tokens>();
    expect(Object.keys(second).toSorted()).toEqual(['accessToken', 'expiresIn', 'refreshToken']);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await me(second.accessToken)).statusCode).toBe(200);
    expect((await refresh(second.refreshToken)).statusCode).toBe(200);
  });

  test('used twenty times at once has one successor', async () => {
    const { refreshToken } = await signUp(server.app);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(new Set(answers.map((answer) => answer.json<Tokens>().refreshToken)).size).toBe(1);
  });

  test('whose answer was lost brings the same successor again', async () => {
    const { refreshToken } = await signUp(server.app);
    const [lost, again] = [await refresh(refreshToken), await refresh(refreshToken)];
    expect(again.json<Tokens>().refreshToken).toBe(lost.json<Tokens>().refreshToken);
  });

  test('whose answer was lost for three days brings the same successor and signs in', async () => {
    const { refreshToken, workspace } = await signUp(server.app);
    const lost = (await refresh(refreshToken)).json<Tokens>();
    const days = `update session set last_used_at = now() - interval '3 days' where workspace_id = $1`;
    await server.test.database.owner.query(days, [workspace.id]);
    const again = (await refresh(refreshToken)).json<Tokens>();
    expect(again.refreshToken).toBe(lost.refreshToken);
    expect((await me(again.accessToken)).statusCode).toBe(200);
    // Now it is known to have arrived, so whoever brings the first one has a copy of it.
    expect((await refresh(refreshToken)).statusCode).toBe(401);
    expect((await me(again.accessToken)).statusCode).toBe(401);
  });

  test('used again after its successor was ends the session for everyone', async () => {
    const { refreshToken } = await signUp(server.app);
    const second = (await refresh(refreshToken)).json<Tokens>();
    const third = (await refresh(second.refreshToken)).json<Tokens>();
    expect((await refresh(refreshToken)).statusCode).toBe(401);
    expect((await refresh(third.refreshToken)).statusCode).toBe(401);
    expect((await me(third.accessToken)).statusCode).toBe(401);
  });

  test('used again after its successor’s access token was ends the session too', async () => {
    const { refreshToken } = await signUp(server.app);
    const second = (await refresh(refreshToken)).json<Tokens>();
    expect((await me(second.accessToken)).statusCode).toBe(200);
    expect((await refresh(refreshToken)).statusCode).toBe(401);
    expect((await refresh(second.refreshToken)).statusCode).toBe(401);
  });

  test.each(['', 'lzr_', 'lzr_AAAA', `lzr_${'A'.repeat(91)}`, 'x'.repeat(400)])('%j is none', async (refreshToken) => {
    expect([400, 401]).toContain((await refresh(refreshToken)).statusCode);
  });

  test('does not open any other door', async () => {
    const { refreshToken, accessToken } = await signUp(server.app);
    expect((await me(refreshToken)).statusCode).toBe(401);
    expect((await refresh(accessToken)).statusCode).toBe(400);
  });
});
