import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/server/http/app.ts';
import { fakeParts } from './fake-parts.ts';

let app: FastifyInstance;
let routes: (readonly [method: string, path: string])[];
const METHODS = new Set(['get', 'post', 'patch', 'put', 'delete']);

beforeAll(async () => {
  app = await buildApp(fakeParts());
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).flatMap((method) => (METHODS.has(method) ? [[method, path] as const] : [])),
  );
});
afterAll(() => app.close());

/** Whoever adds a route that answers without a token says so here. */
const OPEN = new Set([
  'get /.well-known/jwks.json',
  'get /api/sync/live',
  'get /health/live',
  'get /health/ready',
  'get /metrics',
  'post /api/auth/accept-invitation',
  'post /api/auth/refresh',
  'post /api/auth/sign-in',
  'post /api/auth/sign-up',
  'post /api/devices/{id}/wiped',
]);

const call = (method: string, path: string) =>
  app.inject({
    method: method.toUpperCase() as 'GET',
    url: path.replaceAll(/\{\w+\}/g, '01970000-0000-7000-8000-000000000009'),
    headers: { 'content-type': 'application/json' },
    payload: '{',
  });

describe('without an access token', () => {
  test('every route answers 401 before it reads the body, except those that are meant to be open', async () => {
    expect(routes.length).toBeGreaterThan(60);
    const open: string[] = [];
    for (const [method, path] of routes) {
      const { statusCode } = await call(method, path);
      if (statusCode !== 401) open.push(`${method} ${path}`);
    }
    expect(open.filter((route) => !OPEN.has(route))).toEqual([]);
  });

  test('what is open is all that the documentation calls so', () => {
    const { paths } = (app as unknown as { swagger(): { paths: Record<string, Record<string, object>> } }).swagger();
    const undocumented = routes.filter(([method, path]) => !('security' in (paths[path]?.[method] ?? {})));
    expect(undocumented.map(([method, path]) => `${method} ${path}`).filter((route) => !OPEN.has(route))).toEqual([]);
  });
});
