import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Principal } from '../../../src/server/access/principal.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { buildApp } from '../../../src/server/http/app.ts';
import { DEVICE, fakeAuth, fakeParts, sessionFor, USER, WORKSPACE } from './fake-parts.ts';

let app: FastifyInstance;
let live = true;
let lifetime = 3_600_000;
const watchers = new Set<{ readonly workspaceId: Uuid; readonly hint: () => void }>();
const commit = (workspaceId = WORKSPACE) =>
  watchers.forEach((watcher) => (watcher.workspaceId === workspaceId ? watcher.hint() : undefined));

const watch = ({ workspaceId }: Principal, hint: () => void) => {
  const watcher = { workspaceId, hint };
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};

const session = (token: string) => ({ ...sessionFor(token), expiresAt: Date.now() + lifetime });
const auth = fakeAuth({
  authenticateToken: async (token) => session(token),
  liveRoles: async (sessions) => new Map(live ? sessions.map(({ sessionId }) => [sessionId, 'admin']) : []),
});

beforeEach(async () => {
  live = true;
  lifetime = 3_600_000;
  app = await buildApp(fakeParts({ auth, live: { watch } }));
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await app.close();
});

interface Client {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
}

const open = (token?: string): Client => {
  const { port } = app.server.address() as AddressInfo;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/sync/live`, { headers });
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const opened = new Promise<void>((resolve) => socket.on('open', () => resolve()));
  return { socket, messages, closed, opened };
};

/** A client that is listened to: its token has been seen. */
const joined = async (token = 'good'): Promise<Client> => {
  const client = open(token);
  await client.opened;
  await delay(20);
  return client;
};

describe('a live connection', () => {
  test('hears of commits of its workspace only', async () => {
    const { messages } = await joined();
    commit(DEVICE);
    await delay(80);
    expect(messages).toEqual([]);
    commit();
    await delay(80);
    expect(messages).toEqual(['{}']);
  });

  test('hears of a thousand commits at most 20 times a second, and of the last one', async () => {
    const { messages } = await joined();
    const end = Date.now() + 500;
    while (Date.now() < end) {
      commit();
      await delay(1);
    }
    const during = messages.length;
    commit();
    await delay(120);
    expect(during).toBeGreaterThan(4);
    expect(during).toBeLessThanOrEqual(11);
    expect(messages.length).toBeGreaterThan(during);
  });

  test('opens by a first message as well', async () => {
    const { socket, messages, opened } = open();
    await opened;
    commit();
    socket.send(JSON.stringify({ accessToken: 'good' }));
    await delay(50);
    expect(messages).toEqual([]);
    commit();
    await delay(80);
    expect(messages).toEqual(['{}']);
  });

  test.each(['bad', ''])('with the token "%s" is closed with 4401', async (token) => {
    expect(await open(token).closed).toBe(4401);
  });

  test('with a bad token in its message is closed with 4401', async () => {
    const { socket, opened, closed } = open();
    await opened;
    socket.send('{"accessToken":"bad"}');
    expect(await closed).toBe(4401);
  });

  test.each(['{', 'null', '{}', '{"accessToken":7}', '[]'])('that says %s is closed', async (message) => {
    const { socket, closed } = await joined();
    socket.send(message);
    expect(await closed).toBe(4401);
  });

  test('that sends a large message is closed, and the server goes on', async () => {
    const { socket, closed } = await joined();
    socket.send(JSON.stringify({ accessToken: 'a'.repeat(5000) }));
    expect(await closed).toBe(1009);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  test('ends with its token, unless it was extended', async () => {
    lifetime = 300;
    const [ends, goesOn] = await Promise.all([joined(), joined()]);
    lifetime = 3_600_000;
    goesOn.socket.send('{"accessToken":"good"}');
    expect(await ends.closed).toBe(4401);
    await delay(50);
    expect(goesOn.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('cannot be handed to another user', async () => {
    const { socket, closed } = await joined();
    socket.send(JSON.stringify({ accessToken: `good:${USER.replace(/.$/, '9')}` }));
    expect(await closed).toBe(4401);
  });

  test('of a revoked session is closed with 4403 within 10 s', async () => {
    const { closed } = await joined();
    live = false;
    expect(await closed).toBe(4403);
  });

  test('is told to come back when the server closes', async () => {
    const { closed } = await joined();
    await app.close();
    expect(await closed).toBe(1001);
    expect(watchers.size).toBe(0);
  });

  test('beyond the twentieth of a user is refused', async () => {
    const clients = await Promise.all(Array.from({ length: 21 }, () => joined()));
    const codes = await Promise.all(clients.map(({ closed }) => Promise.race([closed, delay(100)])));
    expect(codes.filter((code) => code === 1013)).toHaveLength(1);
    expect((await joined(`good:${DEVICE}`)).socket.readyState).toBe(WebSocket.OPEN);
  });

  test('needs a WebSocket', async () => {
    const response = await app.inject('/api/sync/live');
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, 'invalid_request']);
  });
});
