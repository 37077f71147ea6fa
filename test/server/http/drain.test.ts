import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { buildApp } from '../../../src/server/http/app.ts';
import { fakeParts } from './fake-parts.ts';

const HEADERS = 'Host: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n';
const BODY = '{"protocol":1}';

interface Wire {
  readonly socket: Socket;
  /** All that the server sent until it closed the connection. */
  readonly answer: Promise<string>;
}

const open = (app: FastifyInstance): Promise<Wire> =>
  new Promise((resolve) => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    const answer = new Promise<string>((done) => socket.on('error', () => {}).on('close', () => done(received)));
    socket.on('connect', () => resolve({ socket, answer }));
  });

test('closing lets requests in flight finish, refuses new ones, and then ends', async () => {
  const finish = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const app = await buildApp(
    fakeParts({
      sync: async () => {
        reached.resolve();
        await finish.promise;
        return '{"done":true}';
      },
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const [inFlight, late, ready, idle] = await Promise.all([open(app), open(app), open(app), open(app)]);
  inFlight.socket.write(`POST /api/sync HTTP/1.1\r\n${HEADERS}${BODY}`);
  late.socket.write('POST /api/sync HTTP/1.1\r\n');
  ready.socket.write('GET /health/ready HTTP/1.1\r\n');
  await reached.promise;
  await delay(50);

  const closed = app.close();
  await delay(50);
  late.socket.write(`${HEADERS}${BODY}`);
  ready.socket.write('Host: a\r\n\r\n');
  for (const { answer } of [late, ready]) {
    expect(await answer).toMatch(/^HTTP\/1.1 503 [^]*connection: close[^]*"code":"shutting_down"/i);
  }
  finish.resolve();
  expect(await inFlight.answer).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*{"done":true}$/i);
  await closed;
  expect(await idle.answer).toBe('');
  expect(app.server.listening).toBe(false);
});
