import type { AddressInfo } from 'node:net';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { JsonObject } from '../../../src/shared/base/json.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';
import { openTestApp, postJson, signUp, type TestApp } from '../../support/app.ts';
import { proposed, statuses } from '../../support/workspace.ts';

let server: TestApp;
let ada: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  ada = await signUp(server.app);
});

interface Answer {
  readonly head: number;
  readonly results: PushResult[];
  readonly mark?: string;
  readonly cursor?: string;
  readonly through?: number;
  readonly upToDate?: boolean;
  readonly ops?: readonly {
    readonly op: string;
    readonly stream: { readonly type: string };
    readonly state?: JsonObject;
  }[];
}

const raw = (body: object | string, who = ada) => postJson(server.app, '/api/sync', body, who.accessToken);
const sync = async (body: object | string, who = ada): Promise<Answer> => {
  const response = await raw(typeof body === 'string' ? body : { protocol: 1, ...body }, who);
  if (response.statusCode !== 200) throw new Error(`sync: ${response.statusCode} ${response.payload}`);
  return response.json<Answer>();
};
const lead = (data: object = { name: 'Grace' }, more: object = {}, who = ada) => ({
  ...proposed(who, 'LeadCreated', uuidv7(), data as JsonObject),
  ...more,
});
const eventsIn = async (who = ada): Promise<number> => (await sync({}, who)).head;

describe('one bad event never blocks the rest', () => {
  test.each<[string, string]>([
    ['a NUL in a value', '"name":"a\\u0000b"'],
    ['a NUL in a key', '"na\\u0000me":"a"'],
    ['half a surrogate pair', '"name":"\\ud800"'],
    ['half a surrogate pair in a key', '"name":"a","customFields":{"\\udfff":"a"}'],
    ['1e400', '"name":"a","amountMinor":1e400,"currency":"EUR"'],
    ['-1e400', '"name":"a","amountMinor":-1e400,"currency":"EUR"'],
    ['2^53 + 1', '"name":"a","amountMinor":9007199254740993,"currency":"EUR"'],
    ['a tenth of a cent', '"name":"a","amountMinor":0.1,"currency":"EUR"'],
    ['negative money', '"name":"a","amountMinor":-1,"currency":"EUR"'],
    ['a negative zero', '"name":"a","amountMinor":-0,"currency":"EUR"'],
    ['__proto__', '"name":"a","__proto__":{"admin":true}'],
    ['a field that only the server may set', '"name":"a","actor":"me"'],
    ['a wrong type', '"name":7'],
    ['33 KiB of text', `"name":"a","note":"${'x'.repeat(33 * 1024)}"`],
  ])('with %s inside', async (_, data) => {
    const bad = JSON.stringify(lead({})).replace('"data":{}', `"data":{${data}}`);
    const answer = await sync(`{"protocol":1,"events":[${JSON.stringify(lead())},${bad},${JSON.stringify(lead())}]}`);
    expect(statuses(answer.results)).toEqual(['accepted', 'invalid', 'accepted']);
    expect(answer.head).toBe(6);
  });

  test.each(['position', 'actor', 'role', 'workspaceId', 'recordedAt'])('with a %s of its own', async (field) => {
    const answer = await sync({ events: [lead(), { ...lead(), [field]: 1 }, null, 7, [], lead()] });
    expect(statuses(answer.results)).toEqual(['accepted', 'invalid', 'invalid', 'invalid', 'invalid', 'accepted']);
  });
});

describe.each([
  ['contacts', 'ContactCreated', 'ContactMerged', 'ContactMergedInto'],
  ['companies', 'CompanyCreated', 'CompanyMerged', 'CompanyMergedInto'],
] as const)('a merge of %s', (_, created, merged, mergedInto) => {
  const twins = async () => {
    const [kept, double] = [uuidv7(), uuidv7()];
    await sync({ events: [kept, double].map((id) => proposed(ada, created, id, { name: 'Ada' })) });
    const group = uuidv7();
    return {
      survivor: { ...proposed(ada, merged, kept, { absorbedId: double, name: 'Ada L.', taken: ['name'] }), group },
      absorbed: { ...proposed(ada, mergedInto, double, { survivorId: kept }), group },
      third: uuidv7(),
    };
  };
  const statesAfter = async (events: readonly object[]) => {
    const { results } = await sync({ events });
    const { ops } = await sync({ cursor: null });
    const states = (ops ?? []).flatMap(({ state }) => (state !== undefined && 'absorbedIds' in state ? [state] : []));
    return { results, states };
  };
  const untouched = [
    expect.objectContaining({ absorbedIds: [], deletedAt: null, mergedIntoId: null }),
    expect.objectContaining({ absorbedIds: [], deletedAt: null, mergedIntoId: null }),
  ];

  test('lands with both sides in one group', async () => {
    const { survivor, absorbed } = await twins();
    const { results, states } = await statesAfter([survivor, absorbed]);
    expect(statuses(results)).toEqual(['accepted', 'accepted']);
    expect(states).toContainEqual(expect.objectContaining({ absorbedIds: [absorbed.stream.id], name: 'Ada L.' }));
    expect(states).toContainEqual(
      expect.objectContaining({ mergedIntoId: survivor.stream.id, deletedAt: expect.any(String) }),
    );
  });

  test('with one side alone is invalid, in a group or without one', async () => {
    const { survivor, absorbed } = await twins();
    const alone = [survivor, absorbed].map(({ group: _group, ...event }) => ({ ...event, id: uuidv7() }));
    const { results, states } = await statesAfter([survivor, ...alone, absorbed]);
    expect(statuses(results)).toEqual(['invalid', 'invalid', 'invalid', 'invalid']);
    expect(results[0]).toMatchObject({ fields: [{ path: 'data.absorbedId' }] });
    expect(results[2]).toMatchObject({ fields: [{ path: 'data.survivorId' }] });
    expect(states).toEqual(untouched);
  });

  test('with sides of two groups, or that name a third, is refused whole', async () => {
    const { survivor, absorbed, third } = await twins();
    const apart = await statesAfter([survivor, { ...absorbed, group: uuidv7() }]);
    expect(statuses(apart.results)).toEqual(['invalid', 'invalid']);
    const again = await twins();
    const { results } = await statesAfter([again.survivor, { ...again.absorbed, data: { survivorId: third } }]);
    expect(statuses(results)).toEqual(['invalid', 'blocked']);
    expect(apart.states).toEqual(untouched);
  });

  test('with a malformed side is refused for what is wrong with that one', async () => {
    const { survivor, absorbed } = await twins();
    const { results, states } = await statesAfter([survivor, { ...absorbed, data: { survivorId: 'Ada' } }]);
    expect(statuses(results)).toEqual(['blocked', 'invalid']);
    expect(states).toEqual(untouched);
  });
});

describe('a request', () => {
  test('in parallel a hundred times takes effect once', async () => {
    const body = { protocol: 1, events: [lead(), lead(), lead()] };
    const answers = await Promise.all(Array.from({ length: 100 }, () => sync(body)));
    expect(
      new Set(
        answers.map(({ results }) =>
          JSON.stringify(results.map((result) => ('position' in result ? result.position : 0))),
        ),
      ).size,
    ).toBe(1);
    expect(answers.filter(({ results }) => results[0]?.status === 'accepted')).toHaveLength(1);
    expect(await eventsIn()).toBe(7);
  });

  test('with 1000 events is taken, with 1001 it is too large and nothing is', async () => {
    const events = Array.from({ length: 1001 }, () => lead());
    const refused = await raw({ protocol: 1, events });
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([413, 'too_large']);
    expect(await eventsIn()).toBe(4);
    const taken = await sync({ events: events.slice(1) });
    expect(new Set(statuses(taken.results))).toEqual(new Set(['accepted']));
    expect(taken.head).toBe(1004);
  });

  test('reads pages up to the head and goes on from the cursor', async () => {
    await sync({ events: [lead(), lead()] });
    const first = await sync({ cursor: null });
    expect([first.upToDate, first.ops?.length]).toEqual([true, 5]);
    await sync({ events: [lead({ name: 'Later' })] });
    const next = await sync({ cursor: first.cursor });
    expect(next.ops?.map(({ op, stream }) => [op, stream.type])).toEqual([['event', 'lead']]);
  });

  test.each([
    ['of another workspace', async () => (await sync({ cursor: null }, await signUp(server.app))).cursor],
    ['that is junk', async () => 'junk'],
    ['that is empty', async () => ''],
    [
      'that was changed',
      async () => (await sync({ cursor: null })).cursor?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ],
    ['that is an access token', async () => ada.accessToken],
  ])('with a cursor %s is refused before any event is taken', async (_, cursorOf) => {
    const response = await raw({ protocol: 1, cursor: await cursorOf(), events: [lead()] });
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, 'cursor_invalid']);
    expect(await eventsIn()).toBe(4);
  });

  test('with somebody else’s lead answers as if there were none', async () => {
    const bob = await signUp(server.app);
    const theirs = lead({ name: 'Secret' }, {}, bob);
    await sync({ events: [theirs] }, bob);
    const change = proposed(ada, 'LeadDetailsChanged', theirs.stream.id, { title: 'x' });
    const missing = proposed(ada, 'LeadDetailsChanged', uuidv7(), { title: 'x' });
    const { results } = await sync({ events: [change, missing] });
    const told = results.map((result) => ({ ...result, id: '' }));
    expect(statuses(results)).toEqual(['unknown_stream', 'unknown_stream']);
    expect(told[0]).toEqual(told[1]);
  });

  test('with an event of somebody else’s device refuses that event', async () => {
    const bob = await signUp(server.app);
    expect(statuses((await sync({ events: [lead({ name: 'x' }, {}, bob), lead()] })).results)).toEqual([
      'invalid',
      'accepted',
    ]);
  });

  test('with the id of an event of another workspace is taken', async () => {
    const event = lead();
    const bob = await signUp(server.app);
    await sync({ events: [event] });
    expect(statuses((await sync({ events: [lead({ name: 'x' }, { id: event.id }, bob)] }, bob)).results)).toEqual([
      'accepted',
    ]);
  });

  test('travels in gzip and comes back in zstd', async () => {
    const body = JSON.stringify({ protocol: 1, cursor: null, events: Array.from({ length: 20 }, () => lead()) });
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/sync',
      payload: gzipSync(body),
      headers: {
        authorization: `Bearer ${ada.accessToken}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'accept-encoding': 'gzip, zstd',
      },
    });
    expect(response.headers['content-encoding']).toBe('zstd');
    const answer = JSON.parse(zstdDecompressSync(response.rawPayload).toString()) as Answer;
    expect(answer.results).toHaveLength(20);
    expect(answer.ops).toHaveLength(23);
  });
});

test('a commit is heard live by those who may see it', async () => {
  if (!server.app.server.listening) await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const bob = await signUp(server.app);
  const heard: Record<string, number> = { ada: 0, bob: 0 };
  const listen = (name: string, who: SignedIn): Promise<WebSocket> =>
    new Promise((resolve) => {
      const headers = { authorization: `Bearer ${who.accessToken}` };
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/sync/live`, { headers });
      socket.on('message', () => (heard[name] = (heard[name] ?? 0) + 1));
      socket.on('open', () => setTimeout(() => resolve(socket), 100));
    });
  const sockets = await Promise.all([listen('ada', ada), listen('bob', bob)]);
  await sync({ events: [lead()] });
  await expect.poll(() => heard['ada']).toBe(1);
  expect(heard['bob']).toBe(0);
  sockets.forEach((socket) => socket.terminate());
});

test('a signed-in phone that is revoked loses its live connection too', async () => {
  if (!server.app.server.listening) await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/sync/live`, {
    headers: { authorization: `Bearer ${ada.accessToken}` },
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('open', resolve));
  await postJson(server.app, '/api/auth/sign-out', '', ada.accessToken);
  expect(await closed).toBe(4403);
});
