import { pino } from 'pino';
import { Writable } from 'node:stream';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/server/http/app.ts';
import { codingFor } from '../../../src/server/http/compression.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { authorized, fakeAuth, fakeParts } from './fake-parts.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const LONG = JSON.stringify({ ops: Array.from({ length: 100 }, () => ({ op: 'enter', state: { name: 'Ada' } })) });

/** An app whose sync answers, or throws, what a test says; and what it logged. */
const openApp = async (changes: Parameters<typeof fakeParts>[0] = {}) => {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      done();
    },
  });
  const app = await buildApp(fakeParts({ log: pino({ level: 'debug' }, sink), ...changes }));
  const sync = (headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/api/sync', payload: { protocol: 1 }, headers: { ...authorized, ...headers } });
  return { app, lines, sync };
};
type Opened = Awaited<ReturnType<typeof openApp>>;

describe('an answer of 1 KiB and more', () => {
  let long: Opened;
  beforeAll(async () => {
    long = await openApp({ sync: async () => LONG });
  });
  afterAll(() => long.app.close());

  test.each([
    ['zstd', 'zstd'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.5, gzip', 'gzip'],
    ['zstd;q=0, *', 'gzip'],
    ['GZIP;Q=1.0', 'gzip'],
    ['*', 'zstd'],
  ])('for "%s" is sent in %s', async (accepted, coding) => {
    const response = await long.sync({ 'accept-encoding': accepted });
    expect(response.headers).toMatchObject({
      'content-encoding': coding,
      vary: 'Accept-Encoding',
      'content-type': 'application/json; charset=utf-8',
    });
    const inflated = coding === 'zstd' ? zstdDecompressSync(response.rawPayload) : gunzipSync(response.rawPayload);
    expect(inflated.toString()).toBe(LONG);
    expect(Number(response.headers['content-length'])).toBe(response.rawPayload.length);
  });

  test.each(['', 'identity', 'br', 'gzip;q=0, zstd;q=0', '*;q=0', 'identity, gzip;q=0.5', 'junk;;;q=,'])(
    'for "%s" is sent as it is',
    async (accepted) => {
      const response = await long.sync({ 'accept-encoding': accepted });
      expect(response.headers['content-encoding']).toBeUndefined();
      expect(response.payload).toBe(LONG);
      expect(response.headers['vary']).toBe('Accept-Encoding');
    },
  );
});

test('a short answer is never compressed', async () => {
  const { app, sync } = await openApp({ sync: async () => '{}' });
  const { headers, payload } = await sync({ 'accept-encoding': 'zstd' });
  expect([headers['content-encoding'], payload]).toEqual([undefined, '{}']);
  await app.close();
});

test('a header of ten thousand codings is read at once', () => {
  const start = cpuMs();
  expect(codingFor('a;q=1,'.repeat(2_000))).toBeUndefined();
  expect(cpuMs() - start).toBeLessThan(100);
});

describe('what goes wrong', () => {
  test.each<[string, unknown, number, string]>([
    ['a bug', new TypeError('undefined is not a function at /secret/path.ts'), 500, 'internal'],
    ['a thrown text', 'select password from login', 500, 'internal'],
    ['nothing at all', undefined, 500, 'internal'],
    ['a problem', new Problem('cursor_reset', 'Start again.', { reason: 'restored' }), 409, 'cursor_reset'],
    ['an outage', new Problem('unavailable', 'Later.'), 503, 'unavailable'],
    ['overload', new Problem('overloaded', 'Later.'), 503, 'overloaded'],
  ])('as %s is told without internals', async (_, error, status, code) => {
    const { app, sync } = await openApp({
      sync: async () => {
        throw error;
      },
    });
    const response = await sync();
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({ type: 'about:blank', status, code });
    expect(response.payload).not.toMatch(/secret|password|function/);
    expect(response.headers['retry-after'] !== undefined).toBe(status === 503);
    await app.close();
  });

  test('on our side is logged once, under the id that the client can quote', async () => {
    const { app, lines, sync } = await openApp({
      sync: async () => {
        throw new Error('broken');
      },
    });
    const { headers } = await sync();
    const errors = lines
      .map((line) => JSON.parse(line) as { level: number; reqId: string; err?: object })
      .filter(({ level }) => level >= 50);
    expect(errors).toEqual([
      expect.objectContaining({ reqId: headers['x-request-id'], err: expect.objectContaining({ message: 'broken' }) }),
    ]);
    await app.close();
  });
});

test('a request is one line of the log, without secrets, queries or bodies', async () => {
  const { app, lines } = await openApp({
    auth: fakeAuth({ signIn: async () => Promise.reject(new Problem('unauthenticated', 'No.')) }),
  });
  await app.inject({
    method: 'POST',
    url: '/api/auth/sign-in?q=canary1',
    headers: {
      authorization: 'Bearer canary2',
      'user-agent': 'canary3\n{"level":60}',
      'x-request-id': 'canary4',
      cookie: 'canary5',
    },
    payload: { email: 'canary6@example.com', password: 'canary7' },
  });
  const answered = lines.filter((line) => line.includes('answered'));
  expect(answered).toHaveLength(1);
  expect(JSON.parse(answered[0] as string)).toMatchObject({
    method: 'POST',
    path: '/api/auth/sign-in',
    status: 401,
    reqId: expect.any(String),
  });
  expect(lines.join('\n')).not.toContain('canary');
  await app.close();
});

test('every answer forbids to guess its type, to frame it and to keep it', async () => {
  const { app, sync } = await openApp();
  for (const { headers } of [await sync(), await app.inject('/nothing')]) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  }
  await app.close();
});

describe('operation', () => {
  test('is live while it runs, and ready while nothing is wrong', async () => {
    let problems: string[] = [];
    const { app } = await openApp({ health: { problems: async () => problems } });
    const status = async (url: string) => (await app.inject(url)).statusCode;
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 200]);
    problems = ['The database does not answer.'];
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 503]);
    expect((await app.inject('/health/ready')).json()).toMatchObject({
      code: 'unavailable',
      detail: 'The database does not answer.',
    });
    await app.close();
  });

  test('is measured by the pattern of the route, never by its path', async () => {
    const { app, sync } = await openApp({
      verdicts: () => ({ accepted: 7 }),
      pools: () => ({ app: { total: 3, idle: 2, waiting: 1 } }),
      columns: () => ({ copies: 2, answered: 9, failed: 1 }),
      projectionLag: async () => ({ events: 5, seconds: 0.5, parkedStreams: 2 }),
    });
    await sync();
    await app.inject('/api/canary');
    const { payload, headers } = await app.inject('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(payload).toContain('leadzen_http_request_seconds_count{method="POST",route="/api/sync",status="200"} 1');
    expect(payload).toContain('leadzen_http_request_seconds_count{method="GET",route="unknown",status="404"} 1');
    expect(payload).toContain('leadzen_push_verdicts_total{status="accepted"} 7');
    expect(payload).toContain('leadzen_database_connections{pool="app",state="waiting"} 1');
    expect(payload).toContain('leadzen_columns_copies 2');
    expect(payload).toContain('leadzen_columns_statements_total{result="failed"} 1');
    expect(payload).toContain('leadzen_projection_lag_events 5');
    expect(payload).toContain('leadzen_parked_streams 2');
    expect(payload).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(payload).not.toContain('canary');
    await app.close();
  });

  test('is documented: every route, from the schemas that judge it', async () => {
    const { app } = await openApp();
    const document = (await app.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, { requestBody?: object; security?: object[] }>>;
    }>();
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/sync',
        '/api/sync/live',
        '/api/me',
        '/api/auth/sign-up',
        '/api/auth/sign-in',
        '/api/auth/refresh',
        '/api/auth/sign-out',
        '/health/live',
        '/health/ready',
        '/metrics',
      ]),
    );
    const sync = document.paths['/api/sync']?.['post'];
    expect(sync?.security).toEqual([{ accessToken: [] }]);
    expect(JSON.stringify(sync?.requestBody)).toContain('"maxItems":1000');
    expect(document.paths['/api/auth/sign-in']?.['post']?.security).toBeUndefined();
    const page = await app.inject('/docs');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    await app.close();
  });
});
