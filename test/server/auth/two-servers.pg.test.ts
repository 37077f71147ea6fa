import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk } from '../../support/people.ts';
import { openSecondApp, type SecondApp } from '../../support/second-app.ts';

/** What page 2 of the design promises. */
const FELT_MS = 10_000;

let here: TestApp;
let there: SecondApp;
let admin: SignedIn;
let rep: SignedIn;
beforeAll(async () => {
  here = await openTestApp();
  there = await openSecondApp(here);
  await there.app.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(async () => {
  admin = await signUp(here.app);
  rep = await addUser(here, admin, 'rep');
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
});

/** Milliseconds until the other server answers the status. */
const felt = async (url: string, status: number): Promise<number> => {
  const ask = caller(there, rep.accessToken);
  const since = Date.now();
  while ((await ask('GET', url)).statusCode !== status) {
    if (Date.now() - since > 2 * FELT_MS) throw new Error(`${url} never answered ${status}`);
    await delay(100);
  }
  return Date.now() - since;
};
const patch = async (body: object) =>
  expectOk(await caller(here, admin.accessToken)('PATCH', `/api/users/${rep.user.id}`, body));

const listen = (app: FastifyInstance): { opened: Promise<void>; closed: Promise<number> } => {
  const { port } = app.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${rep.accessToken}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/sync/live`, { headers });
  return {
    opened: new Promise((resolve) => socket.on('open', () => resolve())),
    closed: new Promise((resolve) => socket.on('close', resolve)),
  };
};

describe('what one server was told, the other feels within 10 s', { timeout: 40_000 }, () => {
  test('a change of role', async () => {
    await felt('/api/me', 200);
    await patch({ role: 'manager' });
    expect(await felt('/api/users', 200)).toBeLessThan(FELT_MS);
    await patch({ role: 'rep' });
    expect(await felt('/api/users', 403)).toBeLessThan(FELT_MS);
  });

  test('disabling a user, who is also sent away from a live connection', async () => {
    await felt('/api/me', 200);
    const { opened, closed } = listen(there.app);
    await opened;
    await delay(100);
    await patch({ status: 'disabled' });
    const since = Date.now();
    expect(await felt('/api/me', 401)).toBeLessThan(FELT_MS);
    expect(await closed).toBe(4403);
    expect(Date.now() - since).toBeLessThan(FELT_MS);
  });

  test('signing out', async () => {
    await felt('/api/me', 200);
    await caller(here, rep.accessToken)('POST', '/api/auth/sign-out');
    expect(await felt('/api/me', 401)).toBeLessThan(FELT_MS);
  });
});
