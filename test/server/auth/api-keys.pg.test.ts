import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, postJson, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk, type Method } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';
import { openSecondApp, type SecondApp } from '../../support/second-app.ts';

let server: TestApp;
let second: SecondApp;
let admin: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
  second = await openSecondApp(server);
});
beforeEach(async () => {
  admin = await signUp(server.app);
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const as = (token: string, method: Method, url: string, body?: object) => caller(server, token)(method, url, body);
const make = async (body: object = { name: 'Website', role: 'rep' }): Promise<Json> =>
  expectOk(await as(admin.accessToken, 'POST', '/api/api-keys', body));
const status = async (key: string, app: Pick<TestApp, 'app'> = server): Promise<number> =>
  (await caller(app, key)('GET', '/api/me')).statusCode;

describe('an API key', () => {
  test('is shown once, and its hash is all that is kept', async () => {
    const made = await make();
    expect(made).toMatchObject({
      name: 'Website',
      role: 'rep',
      createdBy: admin.user.id,
      expiresAt: null,
      revokedAt: null,
      key: expect.stringMatching(/^lzk_[\w-]{86}$/),
    });
    const listed = await as(admin.accessToken, 'GET', '/api/api-keys');
    const { key, ...view } = made;
    expect(listed.json()).toEqual({ items: [view], next: null });
    const { rows } = await server.test.database.owner.query('select * from api_key');
    expect(JSON.stringify(rows)).not.toContain(key.slice(-40));
  });

  test('acts with the role it was made for, under a name of its own', async () => {
    const { key, userId } = await make();
    expect((await as(key, 'GET', '/api/me')).json()).toMatchObject({
      user: { id: userId, name: 'Website', role: 'rep', status: 'active' },
      workspace: admin.workspace,
    });
    const lead = await as(key, 'POST', '/api/leads', { name: 'From the website' });
    expect(lead.statusCode).toBe(201);
    const { rows } = await server.test.database.owner.query<{ actor: string }>(
      `select actor_id as actor from event where workspace_id = $1 and type = 'LeadCreated'`,
      [admin.workspace.id],
    );
    expect(rows).toEqual([{ actor: userId }]);
    expect((await as(key, 'GET', '/api/users')).statusCode).toBe(403);
    expect((await as(key, 'POST', '/api/api-keys', { name: 'Own', role: 'admin' })).statusCode).toBe(403);
    const reader = await make({ name: 'Reports', role: 'analyst' });
    expect((await as(reader['key'], 'POST', '/api/leads', { name: 'No' })).statusCode).toBe(403);
  });

  test('gets another role like anyone', async () => {
    const { key, userId } = await make();
    await as(admin.accessToken, 'PATCH', `/api/users/${userId}`, { role: 'manager' });
    expect((await as(key, 'GET', '/api/users')).statusCode).toBe(200);
  });

  test('is refused at once when it was revoked, and within 10 s elsewhere', { timeout: 20_000 }, async () => {
    const { id, key, userId } = await make();
    expect([await status(key), await status(key, second)]).toEqual([200, 200]);
    const revoked = await as(admin.accessToken, 'DELETE', `/api/api-keys/${id}`);
    expect(revoked.json()).toMatchObject({ id, revokedAt: expect.any(String) });
    expect(await status(key)).toBe(401);
    const since = Date.now();
    while ((await status(key, second)) === 200) await delay(200);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect((await as(admin.accessToken, 'GET', `/api/users/${userId}`)).json()).toMatchObject({
      status: 'deactivated',
    });
    expect((await as(admin.accessToken, 'DELETE', `/api/api-keys/${id}`)).statusCode).toBe(200);
  });

  test('ends when it was said to', async () => {
    const { id, key } = await make({
      name: 'Trial',
      role: 'rep',
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    });
    expect(await status(key)).toBe(200);
    await server.test.database.owner.query('update session set expires_at = now() where session_id = $1', [id]);
    server.skew += 5_001;
    expect(await status(key)).toBe(401);
    const body = { name: 'Late', role: 'rep', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await as(admin.accessToken, 'POST', '/api/api-keys', body)).statusCode).toBe(400);
  });

  test('is for admins to make, and of the own workspace', async () => {
    const manager = await addUser(server, admin, 'manager');
    expect((await as(manager.accessToken, 'GET', '/api/api-keys')).statusCode).toBe(403);
    const { id } = await make();
    const stranger = await signUp(server.app);
    expect((await as(stranger.accessToken, 'DELETE', `/api/api-keys/${id}`)).statusCode).toBe(404);
    expect((await as(stranger.accessToken, 'GET', '/api/api-keys')).json()).toEqual({ items: [], next: null });
  });

  test.each([
    ['with another secret', (key: string) => `${key.slice(0, -6)}AAAAAA`],
    ['that is too short', (key: string) => key.slice(0, -1)],
    ['of another workspace', (key: string) => `lzk_${'A'.repeat(21)}${key.slice(25)}`],
    ['without anything', () => 'lzk_'],
  ])('%s opens nothing', async (_, forge) => {
    const { key } = await make();
    expect(await status(forge(key))).toBe(401);
  });

  test('has a user who cannot be invited to sign in', async () => {
    const { userId } = await make();
    const answer = await as(admin.accessToken, 'POST', `/api/users/${userId}/invitation`);
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([400, 'invalid_request']);
  });

  test('cannot be refreshed, nor change a password', async () => {
    const { key } = await make();
    expect((await postJson(server.app, '/api/auth/refresh', { refreshToken: key })).statusCode).toBe(401);
    const body = { currentPassword: 'whatever it is', newPassword: 'another pass phrase' };
    expect((await as(key, 'POST', '/api/auth/change-password', body)).statusCode).toBe(403);
  });

  test('with the role admin does not count as the last one', async () => {
    await make({ name: 'Robot', role: 'admin' });
    const answer = await as(admin.accessToken, 'PATCH', `/api/users/${admin.user.id}`, { role: 'rep' });
    expect(answer.json()).toMatchObject({ code: 'last_admin' });
  });
});
