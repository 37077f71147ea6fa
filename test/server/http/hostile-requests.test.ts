import type { FastifyInstance } from 'fastify';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync, brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/server/http/app.ts';
import { authorized, fakeParts } from './fake-parts.ts';

const parts = fakeParts();
let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  app = await buildApp(parts);
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterAll(() => app.close());
beforeEach(() => void parts.requests.splice(0));

const json = { ...authorized, 'content-type': 'application/json' };
const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/api/sync', payload, headers: { ...json, ...headers } });

/** What a raw request over TCP is answered until the server closes or a second passed. */
const send = (request: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const timer = setTimeout(() => socket.destroy(), 1000);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });

const expectProblem = (
  response: { statusCode: number; headers: object; payload: string },
  status: number,
  code: string,
) => {
  expect(response.statusCode).toBe(status);
  expect(response.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8' });
  const body = JSON.parse(response.payload) as Record<string, unknown>;
  expect(body).toMatchObject({
    type: 'about:blank',
    title: code.replaceAll('_', ' '),
    status,
    code,
    detail: expect.any(String),
  });
  expect(response.payload).not.toMatch(/stack|node_modules|\.ts:|select /);
};

const sync = (count: number) =>
  post(JSON.stringify({ protocol: 1, events: Array.from({ length: count }, () => ({ id: 1 })) }));

describe('bodies', () => {
  const full = `{"protocol":1,"events":[]${' '.repeat(4 * 1024 * 1024 - 26)}}`;
  test('of 4 MiB are taken', async () => {
    expect(Buffer.byteLength(full)).toBe(4 * 1024 * 1024);
    expect((await post(full)).statusCode).toBe(200);
  });
  test('of 4 MiB and a byte are too large, and the connection ends', async () => {
    const response = await post(`${full} `);
    expectProblem(response, 413, 'too_large');
    expect(response.headers['connection']).toBe('close');
  });
  test('too large in chunks, without a length, are too large', async () => {
    const head = `POST /api/sync HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = Buffer.from(`100000\r\n${' '.repeat(0x100000)}\r\n`);
    expect(await send(Buffer.concat([Buffer.from(head), chunk, chunk, chunk, chunk, chunk]))).toMatch(/^HTTP\/1.1 413/);
  });
  test('that end before their Content-Length are never judged', async () => {
    await send(
      'POST /api/sync HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"protocol":1}',
    );
    expect(parts.requests).toEqual([]);
  });
  test('longer than their Content-Length do not leak into the next request', async () => {
    const answer = await send(
      'POST /api/sync HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"protocol":1}{"protocol":2}',
    );
    expect(answer).toMatch(/HTTP\/1.1 400/);
    expect(parts.requests.length).toBeLessThanOrEqual(1);
  });
  test('in gzip are inflated', async () => {
    const response = await post(gzipSync('{"protocol":1,"events":[{"id":1}]}'), { 'content-encoding': 'gzip' });
    expect(response.json()).toEqual({ results: [{ id: 1 }] });
  });
  test('in gzip that inflate beyond 4 MiB are too large, and cost little memory', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const before = process.memoryUsage().rss;
    expectProblem(await post(bomb, { 'content-encoding': 'gzip' }), 413, 'too_large');
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  });
  test.each([
    ['cut', gzipSync('{"protocol":1}').subarray(0, 20)],
    ['junk', Buffer.from('{"protocol":1}')],
    ['empty', Buffer.alloc(0)],
  ])('in gzip, but %s, are unreadable', async (_, body) => {
    expectProblem(await post(body, { 'content-encoding': 'gzip' }), 400, 'invalid_json');
  });
  test.each(['gzip, gzip', 'br', 'zstd', 'deflate', 'junk'])('in %s are not understood', async (coding) => {
    expectProblem(
      await post(brotliCompressSync('{"protocol":1}'), { 'content-encoding': coding }),
      415,
      'unsupported_media_type',
    );
  });
  test.each([
    'text/plain',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json\ta',
    'application/merge-patch+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'junk',
  ])('of type %s are not understood', async (type) => {
    expectProblem(await post('{"protocol":1}', { 'content-type': type }), 415, 'unsupported_media_type');
  });
  test('without a type are not understood', async () => {
    const answer = await send(
      'POST /api/sync HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer good\r\nContent-Length: 14\r\n\r\n{"protocol":1}',
    );
    expect(answer).toMatch(/^HTTP\/1.1 415/);
  });
  test.each(['application/json;charset=UTF-8', 'application/json; charset="utf-8"', 'Application/JSON'])(
    'of type %s are taken',
    async (type) => {
      expect((await post('{"protocol":1}', { 'content-type': type })).statusCode).toBe(200);
    },
  );
  test.each([
    ['{', 'invalid_json'],
    ['', 'invalid_json'],
    ['null', 'invalid_request'],
    ['[]', 'invalid_request'],
    ['"text"', 'invalid_request'],
    ['{}', 'invalid_request'],
    ['{"protocol":2}', 'invalid_request'],
    ['{"protocol":"1"}', 'invalid_request'],
    ['{"protocol":1,"admin":true}', 'invalid_request'],
    ['{"protocol":1,"__proto__":{"limit":1}}', 'invalid_request'],
    ['{"protocol":1,"constructor":{"prototype":{}}}', 'invalid_request'],
    ['{"protocol":1,"cursor":7}', 'invalid_request'],
    ['{"protocol":1,"limit":0}', 'invalid_request'],
    ['{"protocol":1,"limit":-1}', 'invalid_request'],
    ['{"protocol":1,"limit":1.5}', 'invalid_request'],
    ['{"protocol":1,"limit":1000000000}', 'invalid_request'],
    ['{"protocol":1,"bytes":1e400}', 'invalid_request'],
    ['{"protocol":1,"mode":"everything"}', 'invalid_request'],
    ['{"protocol":1,"want":[{"type":"secret","id":"x"}]}', 'invalid_request'],
    ['{"protocol":1,"events":{}}', 'invalid_request'],
    ['{"protocol":1,"mark":"\\u0000"}', 'invalid_request'],
  ])('%s is refused', async (body, code) => {
    expectProblem(await post(body), 400, code);
    expect(parts.requests).toEqual([]);
  });
  test('name the field that is wrong', async () => {
    const response = await post('{"protocol":1,"limit":0,"x":1}');
    const { errors } = response.json<{ errors: { path: string; message: string }[] }>();
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['limit', 'x']);
    expect(errors.every(({ message }) => message.length > 3)).toBe(true);
  });
  test('with 1000 events are taken, with none too, with 1001 they are too large', async () => {
    expect((await sync(1000)).statusCode).toBe(200);
    expect((await sync(0)).json()).toEqual({ results: [] });
    expectProblem(await sync(1001), 413, 'too_large');
  });
  test('with a flawed event reach its judge as they are', async () => {
    const response = await post('{"protocol":1,"events":[{"a":"\\u0000"},{"b":9007199254740993},{"role":"admin"}]}');
    expect(response.statusCode).toBe(200);
    expect(parts.requests[0]?.events).toHaveLength(3);
  });
  test('of unknown people are not even read', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/sync',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });
});

describe('requests', () => {
  test.each([
    [
      'both Content-Length and Transfer-Encoding',
      'POST /api/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two Content-Lengths', 'POST /api/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n'],
    ['a space before the colon of a header', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n'],
    ['a folded header', 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n'],
    ['no HTTP at all', 'HELLO\r\n\r\n'],
    ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])],
  ])('with %s are a bad request', async (_, request) => {
    expect(await send(request)).toMatch(/^HTTP\/1.1 400/);
  });
  test.each([
    ['headers of 17 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(17 * 1024)}\r\n\r\n`],
    ['a URL of 17 KiB', `GET /${'a'.repeat(17 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['2,500 headers', `GET / HTTP/1.1\r\nHost: a\r\n${'Xxxxx: a\r\n'.repeat(2500)}\r\n`],
  ])('with %s are too large', async (_, request) => {
    const answer = await send(request);
    expect(answer).toMatch(/^HTTP\/1.1 431/);
    expect(answer).toContain('"code":"too_large"');
  });
  test.each(['TRACE', 'PROPFIND', 'PUT', 'DELETE', 'GET'])(
    'by %s to /api/sync are not answered, nor echoed',
    async (method) => {
      const answer = await send(
        `${method} /api/sync HTTP/1.1\r\nHost: a\r\nX-Canary: tweet\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 40[45]/);
      expect(answer).not.toContain('tweet');
    },
  );
  test('by CONNECT end the connection', async () => {
    expect(await send('CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n')).not.toMatch(/ 200 /);
  });
  test('by another method name those that there are', async () => {
    const response = await app.inject({ method: 'PATCH', url: '/api/sync' });
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe('POST');
  });
  test.each([
    ['/%zz', 400],
    ['/..%2f..%2fetc/passwd', 404],
    ['//api/sync', 404],
    ['/api/%00', 404],
    ['/api/nothing?x=%zz', 404],
    [`/api/${'a'.repeat(10_000)}`, 404],
  ])('of the path %s are refused', async (url, status) => {
    const answer = await send(`GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    expect(answer).toContain('application/problem+json');
  });
  test('with a header named __proto__ do no harm', async () => {
    expect(await send('GET /health/live HTTP/1.1\r\nHost: a\r\n__proto__: a\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 (200|4)/,
    );
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });
  test.each(['https://evil.example', 'null'])('from the origin %s get no CORS headers', async (origin) => {
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/api/sync',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    const plain = await app.inject({ url: '/health/live', headers: { origin } });
    for (const { headers } of [preflight, plain]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
  test('from an allowed origin may call', async () => {
    const open = await buildApp(fakeParts({ config: { corsOrigins: ['https://crm.example'], trustProxy: [] } }));
    const from = (origin: string) => open.inject({ url: '/health/live', headers: { origin } });
    expect((await from('https://crm.example')).headers['access-control-allow-origin']).toBe('https://crm.example');
    expect((await from('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    await open.close();
  });
});

describe('a connection', () => {
  test('has an end to every wait, and a most of everything', () => {
    expect(app.server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 900_000,
      keepAliveTimeout: 72_000,
      timeout: 120_000,
      maxRequestsPerSocket: 10_000,
      maxConnections: 10_000,
    });
  });

  test(
    'that never finishes its headers is closed within 20 s, while others are served',
    { timeout: 30_000 },
    async () => {
      const began = performance.now();
      const slow = connect(port, '127.0.0.1', () => slow.write('GET /health/live HTTP/1.1\r\nHost: a\r\n'));
      const drip = setInterval(() => slow.write('X: a\r\n'), 500);
      slow.on('error', () => {});
      const closed = new Promise<number>((resolve) => slow.on('close', () => resolve(performance.now() - began)));
      expect((await app.inject('/health/live')).statusCode).toBe(200);
      expect(await closed).toBeLessThan(20_000);
      clearInterval(drip);
    },
  );

  test('with a thousand requests at once has each answered, and others are served meanwhile', async () => {
    const one = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';
    const last = one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const answer = send(one.repeat(999) + last);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await answer).match(/HTTP\/1\.1 200/g)).toHaveLength(1000);
  });
});
