import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn, Tokens } from '../../../src/shared/contract/identity.ts';
import { openTestApp, postJson, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk, signIn, type Method } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';
import { openSecondApp, type SecondApp } from '../../support/second-app.ts';

let server: TestApp;
let second: SecondApp;
let admin: SignedIn;
let rep: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
  second = await openSecondApp(server);
});
beforeEach(async () => {
  admin = await signUp(server.app);
  rep = await addUser(server, admin, 'rep');
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const as = (who: SignedIn, method: Method, url: string, body?: object) =>
  caller(server, who.accessToken)(method, url, body);
const ok = async (who: SignedIn, method: Method, url: string, body?: object): Promise<Json> =>
  expectOk(await as(who, method, url, body));
const push = (who: SignedIn) =>
  as(who, 'POST', '/api/sync', {
    protocol: 1,
    events: [
      {
        id: '01970000-0000-7000-8000-0000000000e2',
        type: 'LeadCreated',
        schemaVersion: 1,
        stream: { type: 'lead', id: '01970000-0000-7000-8000-0000000000e3' },
        basedOn: 0,
        at: `2026-11-22T10:00:00.000Z-0001-${who.deviceId}`,
        data: { name: 'Lead' },
      },
    ],
  });
const report = (id: string, order: unknown, destroyedEvents = 3) =>
  postJson(server.app, `/api/devices/${id}/wiped`, { order, destroyedEvents });
const deviceIds = async (who: SignedIn): Promise<string[]> =>
  (await ok(who, 'GET', '/api/devices'))['items'].map((item: Json) => item['id']);

/** What a phone does with an order: it believes the published keys only. */
const read = async (order: string) => {
  const keys = (await server.app.inject('/.well-known/jwks.json')).json<JSONWebKeySet>();
  const options = { issuer: 'leadzen', audience: 'leadzen-device', typ: 'wipe+jwt', algorithms: ['EdDSA'] };
  return (await jwtVerify(order, createLocalJWKSet(keys), options)).payload;
};

describe('the registry of devices', () => {
  test('shows everyone their own, and admins all', async () => {
    const again = await signIn(server, String(rep.user.email), { device: { name: 'Tablet', platform: 'ios' } });
    expect((await deviceIds(rep)).toSorted()).toEqual([rep.deviceId, again.deviceId].toSorted());
    expect((await deviceIds(admin)).toSorted()).toEqual([admin.deviceId, rep.deviceId, again.deviceId].toSorted());
    const { items } = await ok(rep, 'GET', `/api/devices?after=${rep.deviceId}`);
    expect(items).toEqual([
      {
        id: again.deviceId,
        userId: rep.user.id,
        name: 'Tablet',
        platform: 'ios',
        createdAt: expect.any(String),
        lastSeenAt: expect.any(String),
        retiredAt: null,
        revokedAt: null,
        wipedAt: null,
        destroyedEvents: null,
      },
    ]);
  });

  test('answers for somebody else’s device as for one that does not exist', async () => {
    const missing = await as(rep, 'DELETE', '/api/devices/01970000-0000-7000-8000-00000000dead');
    for (const url of [`/api/devices/${admin.deviceId}`, '/api/devices/x']) {
      expect((await as(rep, 'DELETE', url)).payload).toBe(missing.payload);
      expect((await as(rep, 'POST', `${url}/retire`)).payload).toBe(missing.payload);
    }
    const stranger = await signUp(server.app);
    expect((await as(stranger, 'DELETE', `/api/devices/${admin.deviceId}`)).payload).toBe(missing.payload);
    expect(missing.statusCode).toBe(404);
  });
});

describe('a revoked device', () => {
  test('is told by a signed order to wipe, stores nothing any more, and reports', async () => {
    expect(await ok(admin, 'DELETE', `/api/devices/${rep.deviceId}`)).toMatchObject({ revokedAt: expect.any(String) });
    const refused = await push(rep);
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    const problem = refused.json<Json>();
    expect(problem).toMatchObject({ code: 'device_revoked', wipeOrder: expect.any(String) });
    const order = problem['wipeOrder'];
    const said = await read(order);
    expect(said).toMatchObject({
      did: rep.deviceId,
      ws: admin.workspace.id,
      mode: 'wipe-now',
      iat: expect.any(Number),
    });
    const { rows } = await server.test.database.owner.query('select from event where device_id = $1', [rep.deviceId]);
    expect(rows).toEqual([]);
    expect((await report(rep.deviceId, order)).statusCode).toBe(204);
    // The answer may be lost: the first report counts.
    expect((await report(rep.deviceId, order, 0)).statusCode).toBe(204);
    const device = (await ok(admin, 'GET', '/api/devices'))['items'].find((item: Json) => item['id'] === rep.deviceId);
    expect(device).toMatchObject({ wipedAt: expect.any(String), destroyedEvents: 3 });
  });

  test('hears of it by its refresh token too, days later', async () => {
    await ok(rep, 'DELETE', `/api/devices/${rep.deviceId}`);
    const refused = await postJson(server.app, '/api/auth/refresh', { refreshToken: rep.refreshToken });
    expect([refused.statusCode, refused.json<Json>()['code']]).toEqual([401, 'device_revoked']);
    expect(await read(refused.json<Json>()['wipeOrder'])).toMatchObject({ did: rep.deviceId });
  });

  test('is out on the other server within 10 s', { timeout: 20_000 }, async () => {
    const there = caller(second, rep.accessToken);
    expect((await there('GET', '/api/me')).statusCode).toBe(200);
    await ok(admin, 'DELETE', `/api/devices/${rep.deviceId}`);
    const since = Date.now();
    while ((await there('GET', '/api/me')).statusCode === 200) await delay(200);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect((await there('GET', '/api/me')).json()).toMatchObject({ code: 'device_revoked' });
  });

  test('does not take other devices of the user along', async () => {
    const other = await signIn(server, String(rep.user.email));
    await ok(other, 'DELETE', `/api/devices/${rep.deviceId}`);
    expect((await as(other, 'GET', '/api/me')).statusCode).toBe(200);
  });
});

describe('a plain 401', () => {
  test('brings no order: signed out, disabled, unknown', async () => {
    await as(rep, 'POST', '/api/auth/sign-out');
    const answers = [
      await as(rep, 'GET', '/api/me'),
      await caller(server, 'nonsense')('GET', '/api/me'),
      await postJson(server.app, '/api/auth/refresh', { refreshToken: rep.refreshToken }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json<Json>()).not.toHaveProperty('wipeOrder');
      expect(answer.headers['x-wipe-order']).toBeUndefined();
    }
  });
});

describe('a retired device', () => {
  test('pushes its outbox first, wipes, and is out once it has reported', async () => {
    await ok(admin, 'POST', `/api/devices/${rep.deviceId}/retire`);
    const pushed = await push(rep);
    expect(pushed.json<Json>()['results']).toMatchObject([{ status: 'accepted' }]);
    const order = String(pushed.headers['x-wipe-order']);
    expect(await read(order)).toMatchObject({ did: rep.deviceId, mode: 'flush-then-wipe' });
    const { refreshToken } = expectOk(
      await postJson(server.app, '/api/auth/refresh', { refreshToken: rep.refreshToken }),
    ) as Tokens;
    expect((await as(admin, 'GET', '/api/me')).headers['x-wipe-order']).toBeUndefined();
    expect((await report(rep.deviceId, order, 0)).statusCode).toBe(204);
    expect((await as(rep, 'GET', '/api/me')).json()).toMatchObject({ code: 'device_revoked' });
    expect((await postJson(server.app, '/api/auth/refresh', { refreshToken })).statusCode).toBe(401);
  });
});

describe('an order to wipe', () => {
  const orderFor = async (who: SignedIn): Promise<string> => {
    await ok(admin, 'DELETE', `/api/devices/${who.deviceId}`);
    return String((await as(who, 'GET', '/api/me')).json<Json>()['wipeOrder']);
  };

  test.each([
    ['nonsense', () => 'nonsense'],
    ['an access token', () => rep.accessToken],
    ['one with another signature', (order: string) => order.replace(/[^.]{10}$/, 'AAAAAAAAAA')],
  ])('that is %s is not taken as a report', async (_, forge) => {
    const order = await orderFor(rep);
    const answer = await report(rep.deviceId, forge(order));
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([403, 'forbidden']);
  });

  test('for another device is not taken either, and opens no door', async () => {
    const order = await orderFor(rep);
    expect((await report(admin.deviceId, order)).statusCode).toBe(403);
    expect((await caller(server, order)('GET', '/api/me')).statusCode).toBe(401);
  });

  test.each([-1, 1.5, '3', null, 1e12])('is not reported with %o destroyed events', async (destroyedEvents) => {
    const answer = await postJson(server.app, `/api/devices/${rep.deviceId}/wiped`, { order: 'x', destroyedEvents });
    expect(answer.statusCode).toBe(400);
  });
});
