import { randomBytes } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';
import { postJson } from '../../support/app.ts';

// Hostile input against the whole server, one row a case. What needs no database (framing, encodings, media types, paths,
// origins) is in hostile-requests.test.ts, tokens in auth/access-tokens.test.ts, people in auth/hostile-people.pg.test.ts.
let bench: RestBench;
let lead: Json;
beforeAll(async () => {
  bench = await openRest();
  lead = await bench.ok(201, 'POST', '/api/leads', { name: 'Grace' });
  await bench.projector.idle();
});
afterAll(() => bench[Symbol.asyncDispose]());

const event = (changes: object = {}): Json => ({
  id: uuidv7(),
  type: 'LeadCreated',
  schemaVersion: 1,
  stream: { type: 'lead', id: uuidv7() },
  basedOn: 0,
  at: `2026-11-22T10:00:00.000Z-0001-${bench.me.deviceId}`,
  data: { name: 'Ada' },
  ...changes,
});
const push = (...events: readonly (Json | string)[]): Promise<LightMyRequestResponse> => {
  const texts = events.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return postJson(bench.test.app, '/api/sync', `{"protocol":1,"events":[${texts.join(',')}]}`, bench.me.accessToken);
};
/** An event whose data is this JSON text. */
const withData = (data: string, changes: object = {}): string =>
  JSON.stringify(event({ ...changes, data: '@' })).replace('"@"', data);
const deal = (data: string): string => {
  const stream = { type: 'deal', id: uuidv7() };
  return withData(data, { type: 'DealCreated', stream });
};

/** Answers never show how the server is made, and never fail. */
const expectSane = (answer: LightMyRequestResponse): void => {
  expect(answer.statusCode).toBeLessThan(500);
  expect(answer.payload).not.toMatch(/node_modules|\.ts:\d|at Object\.|syntax error at|pg_catalog|SQLSTATE/);
};

type Verdict = readonly [what: string, make: () => Json | string, code: string];

const VERDICTS: readonly Verdict[] = [
  ['a NUL in a value', () => withData('{"name":"a\\u0000b"}'), 'invalid'],
  ['a NUL in a key of custom fields', () => withData('{"name":"a","customFields":{"\\u0000":"x"}}'), 'invalid'],
  ['half a surrogate pair in a value', () => withData('{"name":"\\ud800"}'), 'invalid'],
  ['half a surrogate pair in a key', () => withData('{"name":"a","customFields":{"\\udfff":"x"}}'), 'invalid'],
  ['money of 1e400', () => deal('{"name":"a","amountMinor":1e400,"currency":"EUR"}'), 'invalid'],
  ['money of -1e400', () => deal('{"name":"a","amountMinor":-1e400,"currency":"EUR"}'), 'invalid'],
  ['money of 1e-400 of a cent', () => deal('{"name":"a","amountMinor":0.5e-3,"currency":"EUR"}'), 'invalid'],
  ['money of -0', () => deal('{"name":"a","amountMinor":-0,"currency":"EUR"}'), 'invalid'],
  ['money beyond 2^53', () => deal('{"name":"a","amountMinor":9007199254740993,"currency":"EUR"}'), 'invalid'],
  ['a fraction of a cent', () => deal('{"name":"a","amountMinor":0.1,"currency":"EUR"}'), 'invalid'],
  ['money as text', () => deal('{"name":"a","amountMinor":"100","currency":"EUR"}'), 'invalid'],
  ['money without a currency', () => deal('{"name":"a","amountMinor":100}'), 'invalid'],
  ['a currency that is none', () => deal('{"name":"a","amountMinor":100,"currency":"eur"}'), 'invalid'],
  [
    'a name of 40,000 random characters',
    () => event({ data: { name: randomBytes(20_000).toString('hex') } }),
    'invalid',
  ],
  ['a name of 3,000 random characters', () => event({ data: { name: randomBytes(1500).toString('hex') } }), 'invalid'],
  ['a name of 10,000 combining marks', () => event({ data: { name: `a${'\u0300'.repeat(10_000)}` } }), 'invalid'],
  ['a name of nothing', () => event({ data: { name: '' } }), 'invalid'],
  ['a name that is a number', () => event({ data: { name: 7 } }), 'invalid'],
  ['no data', () => event({ data: null }), 'invalid'],
  ['data that is a list', () => event({ data: [] }), 'invalid'],
  ...[
    '2026-13-45',
    '+300000-01-01',
    'infinity',
    '0000-01-01',
    '2026-02-30',
    '2026-1-1',
    '',
    'today',
    '10000-01-01',
  ].map((date): Verdict => [`the date "${date}"`, () => deal(`{"name":"a","expectedCloseDate":"${date}"}`), 'invalid']),
  ...[
    'role',
    'seq',
    'actor',
    'device',
    'workspaceId',
    'serverTs',
    'recordedAt',
    'position',
    'version',
    'scope',
    'clock',
  ].map((name): Verdict => [`a ${name} of its own`, () => event({ [name]: 'admin' }), 'invalid']),
  ['a field that there is not', () => event({ data: { name: 'a', isAdmin: true } }), 'invalid'],
  ['__proto__ in its data', () => withData('{"name":"a","__proto__":{"role":"admin"}}'), 'invalid'],
  ['constructor in its data', () => withData('{"name":"a","constructor":{"prototype":{}}}'), 'invalid'],
  ['a type that there is not', () => event({ type: 'LeadHacked' }), 'unknown_type'],
  ['a type of Object', () => event({ type: 'toString' }), 'unknown_type'],
  ['a schema version to come', () => event({ schemaVersion: 99 }), 'unknown_type'],
  ['a schema version of 0', () => event({ schemaVersion: 0 }), 'invalid'],
  ['a stream of another type', () => event({ stream: { type: 'deal', id: uuidv7() } }), 'invalid'],
  ['a stream type that there is not', () => event({ stream: { type: 'secret', id: uuidv7() } }), 'invalid'],
  ['an id that is none', () => event({ id: 'x' }), 'invalid'],
  ['an id in braces', () => event({ id: `{${uuidv7()}}` }), 'invalid'],
  ['a base of -1', () => event({ basedOn: -1 }), 'invalid'],
  ['a base of 2^53', () => event({ basedOn: 2 ** 53 }), 'invalid'],
  ['a clock that is none', () => event({ at: 'now' }), 'invalid'],
  ['a clock with a leap second', () => event({ at: `2026-11-22T10:00:60.000Z-0001-${bench.me.deviceId}` }), 'invalid'],
  ['a clock in lower case', () => event({ at: `2026-11-22t10:00:00.000z-0001-${bench.me.deviceId}` }), 'invalid'],
  [
    'a clock of the year 300000',
    () => event({ at: `+300000-01-01T00:00:00.000Z-0001-${bench.me.deviceId}` }),
    'invalid',
  ],
  ['a clock of another device', () => event({ at: `2026-11-22T10:00:00.000Z-0001-${uuidv7()}` }), 'invalid'],
  ['33 KiB', () => event({ data: { name: 'a', note: 'x'.repeat(33 * 1024) } }), 'invalid'],
  [
    'custom fields nested ten deep',
    () => withData(`{"name":"a","customFields":{"a":${'['.repeat(10)}${']'.repeat(10)}}}`),
    'invalid',
  ],
  [
    'a thousand custom fields',
    () =>
      event({
        data: { name: 'a', customFields: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, 1])) },
      }),
    'invalid',
  ],
  [
    'an e-mail address for slow expressions',
    () => event({ data: { name: 'a', emails: [{ value: `${'a'.repeat(3000)}!` }] } }),
    'invalid',
  ],
  [
    'a record that there is not',
    () => event({ type: 'LeadDetailsChanged', basedOn: 1, data: { name: 'b' } }),
    'unknown_stream',
  ],
  ['just null', () => 'null', 'invalid'],
  ['just a text', () => '"event"', 'invalid'],
  ['just a number', () => '7', 'invalid'],
  ['an empty object', () => '{}', 'invalid'],
];

describe('an event with', () => {
  test.each(VERDICTS)('%s is refused alone, and its neighbours are taken', async (_, make, code) => {
    const answer = await push(event(), make(), event());
    expectSane(answer);
    expect(answer.statusCode).toBe(200);
    const [before, it, after] = answer.json<Json>()['results'] as Json[];
    expect(it).toMatchObject({ status: 'rejected', code, message: expect.any(String) });
    expect([before?.['status'], after?.['status']]).toEqual(['accepted', 'accepted']);
  });

  test.each([
    ['a clock two years ahead', '2028-11-22T10:00:00.000Z'],
    ['a clock two years behind', '2024-11-22T10:00:00.000Z'],
  ])('%s is taken', async (_, time) => {
    const answer = await push(event({ at: `${time}-0001-${bench.me.deviceId}` }));
    expect(answer.json<Json>()['results'][0]).toMatchObject({ status: 'accepted' });
  });

  test('the id of another, and other content, is told so', async () => {
    const first = event();
    const results = (await push(first, { ...first, data: { name: 'other' } })).json<Json>()['results'] as Json[];
    expect(results.map(({ status, code }) => code ?? status)).toEqual(['accepted', 'id_reuse']);
  });

  test('itself a hundred times at once takes effect once', async () => {
    const one = event();
    const answers = await Promise.all(Array.from({ length: 100 }, () => push(one)));
    const results = answers.map((answer) => answer.json<Json>()['results'][0] as Json);
    expect(new Set(results.map(({ position }) => position)).size).toBe(1);
    expect(results.filter(({ status }) => status === 'accepted')).toHaveLength(1);
    expect(results.filter(({ status }) => status === 'duplicate')).toHaveLength(99);
  });
});

const many = (count: number): string => Array.from({ length: count }, () => uuidv7()).join(',');

const BAD_GETS: readonly string[] = [
  'limit=1&limit=9',
  'limit=-1',
  'limit=0',
  'limit=1000000000',
  'limit=1e2',
  'limit=x',
  'limit=',
  'limit[]=1',
  'limit=1.5',
  'limit=%00',
  'a[]=1',
  '__proto__[x]=1',
  'constructor=1',
  'role=admin',
  'unknown=1',
  'sort=secret',
  'sort=(select pg_sleep(5))',
  'sort=name;drop',
  'sort=-',
  'sort=__proto__',
  'after=x',
  'after=',
  'after=%00',
  'after=eyJzb3J0IjoieCJ9',
  `after=${'a'.repeat(5e3)}`,
  'ownerId=x',
  "ownerId=' or 1=1--",
  'ownerId=%00',
  'teamId=null%00',
  'status=%00',
  'createdFrom=infinity',
  'createdFrom=2026-13-45',
  'createdFrom=%2B300000-01-01',
  'createdFrom=0000-01-01',
  'updatedTo=now',
  "payload->>'x')=1",
  '$where=1',
  'deleted=maybe',
  'q=%00',
  `q=${'%25'.repeat(2e3)}`,
  `q=${'a'.repeat(3e3)}`,
  'converted=2',
  'converted=',
];

describe('a list asked with', () => {
  test.each(BAD_GETS)('%s is refused with a reason', async (query) => {
    const answer = await bench.call('GET', `/api/leads?${query}`);
    expectSane(answer);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ status: 400, code: expect.stringMatching(/^invalid_/) });
  });

  test.each([
    `q=${'%25'.repeat(80)}`,
    `q=${'_'.repeat(80)}`,
    'q=%5C%5C',
    "q=' or 1=1--",
    'q=%F0%9F%98%8D',
    'status=nothing',
    `ownerId=${many(20)}`,
  ])('%s is answered, and quickly', async (query) => {
    const started = performance.now();
    const answer = await bench.call('GET', `/api/leads?${query}`);
    expect({ status: answer.statusCode, body: answer.payload }).toMatchObject({ status: 200 });
    expect(answer.json<Json>()['items']).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('ten thousand ids is refused or too large, never slow', async () => {
    const started = performance.now();
    const answer = await bench.call('GET', `/api/leads?ownerId=${many(2000)}`);
    expect([400, 414, 431]).toContain(answer.statusCode);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

const BAD_SYNCS: readonly (readonly [what: string, body: Json, code: string])[] = [
  ['a forged cursor', { cursor: 'eyJwb3NpdGlvbiI6MX0' }, 'cursor_invalid'],
  ['a cursor of nothing', { cursor: '' }, 'cursor_invalid'],
  ['a cursor that is a position', { cursor: '9223372036854775808' }, 'cursor_invalid'],
  ['a negative one', { cursor: '-1' }, 'cursor_invalid'],
  ['one with a NUL', { cursor: 'a\u0000' }, 'invalid_request'],
  ['one of 100 KB', { cursor: 'a'.repeat(100_000) }, 'cursor_invalid|invalid_request'],
  ['a forged mark', { cursor: null, mark: 'x' }, 'cursor_invalid|invalid_request'],
  ['a protocol to come', { protocol: 2 }, 'invalid_request'],
  ['a limit of 5,001', { cursor: null, limit: 5001 }, 'invalid_request'],
  [
    'too many wants',
    { cursor: null, want: Array.from({ length: 501 }, () => ({ type: 'lead', id: uuidv7() })) },
    'invalid_request|too_large',
  ],
];

test.each(BAD_SYNCS)('a sync with %s is refused', async (_, body, code) => {
  const answer = await postJson(bench.test.app, '/api/sync', { protocol: 1, ...body }, bench.me.accessToken);
  expectSane(answer);
  expect(answer.json<Json>()['code']).toMatch(new RegExp(`^(${code})$`));
});

const none = '01970000-0000-7000-8000-000000000009';
const BAD_REQUESTS: readonly (readonly [
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: Json | undefined,
  status: number,
])[] = [
  ['GET', '/api/leads/x', undefined, 404],
  ['GET', '/api/leads/%00', undefined, 404],
  ['GET', `/api/leads/${none}`, undefined, 404],
  ['GET', `/api/leads/${none}/history`, undefined, 404],
  ['PATCH', `/api/leads/${none}`, { name: 'x' }, 404],
  ['DELETE', `/api/leads/${none}`, undefined, 404],
  ['POST', `/api/leads/${none}/restore`, undefined, 404],
  ['POST', `/api/leads/${none}/convert`, {}, 404],
  ['GET', `/api/leads/${none}?asOf=infinity`, undefined, 400],
  ['GET', `/api/leads/${none}?asOf=2999-01-01T00:00:00.000Z`, undefined, 400],
  ['GET', `/api/leads/${none}?asOf=-1`, undefined, 400],
  ['GET', `/api/leads/${none}?asOf=99999999999999999999`, undefined, 400],
  ['POST', '/api/leads', { name: 'a\u0000b' }, 400],
  ['POST', '/api/leads', { name: '\ud800' }, 400],
  ['POST', '/api/leads', { name: 'a', role: 'admin' }, 400],
  ['POST', '/api/leads', { name: 'a', ownerId: "' or 1=1--" }, 400],
  ['POST', '/api/deals', { name: 'a', amountMinor: 0.1, currency: 'EUR' }, 400],
  ['POST', '/api/deals', { name: 'a', expectedCloseDate: '2026-02-30' }, 400],
  ['POST', '/api/users', { name: 'a', email: 'nobody', role: 'rep' }, 400],
  ['POST', '/api/users', { name: 'a', email: 'a@example.com', role: 'god' }, 400],
  ['POST', '/api/teams', { name: 'a', parentId: 'x' }, 400],
  ['GET', `/api/users/${none}`, undefined, 404],
  ['GET', `/api/teams/${none}`, undefined, 404],
  ['DELETE', `/api/devices/${none}`, undefined, 404],
  ['GET', '/api/analytics/win-rate?from=infinity', undefined, 400],
  ['GET', '/api/analytics/win-rate?from=2026-02-30', undefined, 400],
  ['GET', '/api/analytics/win-rate?groupBy=owner;drop', undefined, 400],
  ['GET', '/api/analytics/pipeline?asOf=2999-01-01', undefined, 400],
  ['GET', '/api/analytics/pipeline?currency=%00', undefined, 400],
  ['GET', '/api/analytics/nothing', undefined, 404],
  ['GET', `/api/imports/${none}`, undefined, 404],
  ['GET', '/api/exports/leads.xml', undefined, 404],
  ['GET', '/api/exports/..%2f..%2fetc%2fpasswd.csv', undefined, 404],
  ['GET', '/api/exports/leads.csv?deleted=1', undefined, 400],
];

test.each(BAD_REQUESTS)('%s %s with %j is %i', async (method, path, body, status) => {
  const answer = await bench.call(method, path, body, { 'x-min-position': '0' });
  expectSane(answer);
  expect({ status: answer.statusCode, body: answer.payload }).toMatchObject({ status });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
});

test.each(['9'.repeat(16), '-1', 'x', '1e3', ''])(
  'X-Min-Position: %s is refused or waits no longer than it may',
  async (position) => {
    const answer = await bench.call('GET', '/api/leads', undefined, { 'x-min-position': position });
    expect([200, 400]).toContain(answer.statusCode);
  },
);

test.each(['alg none', 'junk', 'a.b.c', 'a'.repeat(100_000), '.'.repeat(10_000), 'lzk_x', 'Bearer Bearer'])(
  'a token that is %s is 401 at once',
  async (token) => {
    const started = performance.now();
    const answer = await bench.test.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
    expect(answer.statusCode).toBe(401);
    expect(performance.now() - started).toBeLessThan(500);
  },
);

test('markup in a record comes back as JSON that no browser takes for a page', async () => {
  const name = '<script>alert(1)</script>';
  const { id } = await bench.ok(201, 'POST', '/api/leads', { name });
  const answer = await bench.call('GET', `/api/leads/${id}`);
  expect(answer.json()).toMatchObject({ name });
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-type': 'application/json; charset=utf-8',
  });
});

test('a line break in what goes into a header is not one', async () => {
  const url = `/api/imports?type=leads&fileName=${encodeURIComponent('a\r\nX-Evil: 1')}`;
  const headers = { authorization: `Bearer ${bench.me.accessToken}`, 'content-type': 'text/csv' };
  const answer = await bench.test.app.inject({ method: 'POST', url, headers, payload: 'name\nA\n' });
  expectSane(answer);
  expect(answer.headers['x-evil']).toBeUndefined();
});

test('nothing of it changed a prototype, and the record from before is as it was', async () => {
  expect(({} as Json)['role']).toBeUndefined();
  expect(await bench.ok(200, 'GET', `/api/leads/${lead['id']}`)).toEqual(lead);
});

test('the table has as many cases as it says', () => {
  const cases = VERDICTS.length + BAD_GETS.length + BAD_SYNCS.length + BAD_REQUESTS.length;
  expect(cases).toBeGreaterThan(150);
});
