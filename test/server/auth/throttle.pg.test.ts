import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, PASSWORD, signUp, type TestApp } from '../../support/app.ts';
import { caller, newAddress } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';
import { openSecondApp, type SecondApp } from '../../support/second-app.ts';

let server: TestApp;
let second: SecondApp;
let ada: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
  second = await openSecondApp(server);
});
beforeEach(async () => {
  await server.test.database.owner.query('delete from throttle');
  ada = await signUp(server.app);
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

let host = 0;
const anywhere = (): string => {
  host += 1;
  return `198.51.100.${host % 250}`;
};

interface Try {
  readonly email?: string | null;
  readonly password?: string;
  readonly from?: string;
  readonly device?: string;
  readonly app?: TestApp['app'];
}

const attempt = ({ email = ada.user.email, password = 'wrong password', from = anywhere(), device, app }: Try = {}) =>
  (app ?? server.app).inject({
    method: 'POST',
    url: '/api/auth/sign-in',
    remoteAddress: from,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ email, password, ...(device === undefined ? {} : { device: { id: device } }) }),
  });
const status = async (given: Try = {}): Promise<number> => (await attempt(given)).statusCode;
const fail = async (times: number, given: Try = {}): Promise<number[]> => {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push(await status(given));
  return statuses;
};
/** Makes all waits shorter by so many seconds, as if they had passed. */
const pass = (seconds: number) =>
  server.test.database.owner.query(`update throttle set free_at = free_at - $1 * interval '1 second'`, [seconds]);
const wait = async (given: Try = {}): Promise<number> => Number((await attempt(given)).headers['retry-after']);

describe('wrong passwords of one account', () => {
  test('cost nothing five times, and then a second', async () => {
    expect(await fail(5)).toEqual([401, 401, 401, 401, 401]);
    const refused = await attempt();
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json<Json>()).toMatchObject({ code: 'rate_limited', detail: expect.stringContaining('1 s') });
  });

  test('cost twice as long each time, and never more than 15 minutes', async () => {
    await fail(5);
    const waits = [await wait()];
    for (let time = 0; time < 12; time += 1) {
      await pass(waits.at(-1) ?? 0);
      expect(await status()).toBe(401);
      waits.push(await wait());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  test('never lock it: the right one works once the wait is over, and forgives', async () => {
    await fail(8);
    expect(await status({ password: PASSWORD })).toBe(429);
    await pass(900);
    expect(await status({ password: PASSWORD })).toBe(200);
    expect(await fail(5)).toEqual([401, 401, 401, 401, 401]);
  });

  test('elsewhere do not keep out a phone that signed in before, which is counted by itself', async () => {
    await fail(8);
    const device = ada.deviceId;
    expect(await status({ password: PASSWORD })).toBe(429);
    expect(await fail(5, { device })).toEqual([401, 401, 401, 401, 401]);
    expect(await status({ device, password: PASSWORD })).toBe(429);
    await pass(1);
    expect(await status({ device, password: PASSWORD })).toBe(200);
  });

  test('are counted by all servers together', async () => {
    expect(await fail(3)).toEqual([401, 401, 401]);
    expect(await fail(2, { app: second.app })).toEqual([401, 401]);
    expect([await status(), await status({ app: second.app })]).toEqual([429, 429]);
  });

  test('by a hundred at once are judged five times', async () => {
    const began = performance.now();
    const statuses = await Promise.all(Array.from({ length: 100 }, () => status()));
    // The sixth has to wait a second; on a busy machine, that may pass meanwhile.
    const seconds = Math.floor((performance.now() - began) / 1000);
    const judged = statuses.filter((one) => one === 401).length;
    expect(judged).toBeGreaterThanOrEqual(5);
    expect(judged).toBeLessThanOrEqual(5 + seconds);
    expect(statuses.filter((one) => one === 429)).toHaveLength(100 - judged);
  });

  test('are answered alike where there is no such account', async () => {
    const known = [...(await fail(5)), (await attempt()).payload];
    const nobody = { email: 'nobody@example.com' };
    expect([...(await fail(5, nobody)), (await attempt(nobody)).payload]).toEqual(known);
  });

  test('do not touch other accounts, nor who is signed in', async () => {
    await fail(8);
    const bob = await signUp(server.app);
    expect(await status({ email: bob.user.email, password: PASSWORD })).toBe(200);
    expect((await caller(server, ada.accessToken)('GET', '/api/me')).statusCode).toBe(200);
  });

  test('count as well where the password is changed', async () => {
    const body = { currentPassword: 'wrong password', newPassword: 'another pass phrase' };
    const change = () => caller(server, ada.accessToken)('POST', '/api/auth/change-password', body);
    for (let time = 0; time < 5; time += 1) expect((await change()).statusCode).toBe(403);
    expect((await change()).statusCode).toBe(429);
    expect(await status()).toBe(429);
  });
});

describe('many accounts, one password', () => {
  const spray = (times: number, from: (at: number) => string) =>
    Promise.all(
      Array.from({ length: times }, async (_, at) => {
        const answer = await attempt({ email: newAddress(), from: from(at) });
        return answer.statusCode;
      }),
    );

  test('from one address are refused after sixty, and go on at 20 a minute', async () => {
    const began = performance.now();
    const statuses = [
      ...(await spray(20, () => '203.0.113.7')),
      ...(await spray(20, () => '203.0.113.7')),
      ...(await spray(50, () => '203.0.113.7')),
    ];
    // One more every three seconds, which a busy machine may take.
    const more = Math.ceil((performance.now() - began) / 3000);
    const judged = statuses.filter((one) => one === 401).length;
    expect(judged).toBeLessThanOrEqual(60 + more);
    expect(statuses.filter((one) => one === 429)).toHaveLength(90 - judged);
    let seconds = Number.NaN;
    for (let tries = 0; tries < 10 && Number.isNaN(seconds); tries += 1) seconds = await wait({ from: '203.0.113.7' });
    expect(seconds).toBeLessThanOrEqual(3);
    expect(await status({ from: '203.0.113.8' })).toBe(401);
    await pass(3);
    expect(await status({ from: '203.0.113.7', email: newAddress() })).toBe(401);
  });

  test('from all over a /64 are one address', async () => {
    const statuses = [];
    for (let at = 0; at < 70; at += 1)
      statuses.push(await status({ email: newAddress(), from: `2001:db8:0:1::${at}` }));
    expect(statuses.filter((one) => one === 429).length).toBeGreaterThanOrEqual(9);
    expect(await status({ from: '2001:db8:0:2::1' })).toBe(401);
  });

  test('from one device are refused after ten', async () => {
    const device = '01970000-0000-7000-8000-00000000d00d';
    const statuses = [];
    for (let at = 0; at < 12; at += 1) statuses.push(await status({ email: newAddress(), device }));
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });

  test('do not count against accounts where the address was refused', async () => {
    for (let at = 0; at < 64; at += 1) await attempt({ email: newAddress(), from: '203.0.113.9' });
    for (let at = 0; at < 8; at += 1) expect(await status({ from: '203.0.113.9' })).toBe(429);
    expect(await status({ password: PASSWORD })).toBe(200);
  });
});

test('an office that signs in with the right passwords is never refused', async () => {
  for (let at = 0; at < 70; at += 1) expect(await status({ password: PASSWORD, from: '203.0.113.10' })).toBe(200);
});

test('ten phones that sign in at once with the right password all get in', async () => {
  const statuses = await Promise.all(Array.from({ length: 10 }, () => status({ password: PASSWORD })));
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('nobody can read from the table whom somebody tried', async () => {
  await fail(2);
  const { rows } = await server.test.database.owner.query('select * from throttle');
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(String(ada.user.email));
});
