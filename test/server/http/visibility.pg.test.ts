import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Role } from '../../../src/shared/contract/events/user.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { addUser, caller, expectOk, type Method } from '../../support/people.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
  await rest.ok(200, 'PATCH', '/api/workspace', { sharing: 'owner' });
});
afterAll(() => rest[Symbol.asyncDispose]());

interface Person {
  readonly me: SignedIn;
  readonly ask: (method: Method, url: string, body?: object) => ReturnType<RestBench['call']>;
}

const person = async (role: Role): Promise<Person> => {
  const me = await addUser(rest.test, rest.me, role);
  return { me, ask: caller(rest.test, me.accessToken) };
};
const create = (name: string, body: object): Promise<Json> => rest.ok(201, 'POST', `/api/${name}`, body);
/** A list once the read models have all that was written. */
const items = async ({ me }: Person, url: string): Promise<Json[]> => {
  const { headers } = await rest.call('GET', '/api/workspace');
  const head = Number((await rest.ok(200, 'POST', '/api/sync', { protocol: 1, events: [] }))['head']);
  expect(headers['x-log-position']).toBeDefined();
  const response = await rest.test.app.inject({
    url,
    headers: { authorization: `Bearer ${me.accessToken}`, 'x-min-position': String(head) },
  });
  return expectOk(response)['items'] as Json[];
};
const idsOf = (records: readonly Json[]): string[] => records.map(({ id }) => id as string);

describe('what one may not see', () => {
  test('is in no list, search, record, past or history, and answers like what does not exist', async () => {
    const ann = await person('rep');
    const hidden = await create('leads', { name: 'Zacharias', ownerId: null });
    const own = expectOk(await ann.ask('POST', '/api/leads', { name: 'Zacharias too' }));
    expect(idsOf(await items(ann, '/api/leads'))).toEqual([own['id']]);
    expect(idsOf(await items(ann, '/api/leads?q=zacharias'))).toEqual([own['id']]);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '?asOf=1000', undefined],
      ['GET', '/history', undefined],
      ['PATCH', '', { title: 'Mine' }],
      ['DELETE', '', undefined],
      ['POST', '/convert', {}],
      ['POST', '/shares', { with: { type: 'user', id: ann.me.user.id }, access: 'write' }],
      ['DELETE', `/shares/${uuidv7()}`, undefined],
    ] as const) {
      const [there, nowhere] = await Promise.all(
        [hidden['id'], uuidv7()].map((id) => ann.ask(method, `/api/leads/${id}${path}`, body)),
      );
      expect([method, path, there?.statusCode, there?.json()]).toEqual([
        method,
        path,
        nowhere?.statusCode,
        nowhere?.json(),
      ]);
      if (!path.startsWith('?asOf')) expect(there?.statusCode).toBe(404);
    }
  });

  test('counts in no metric', async () => {
    const ann = await person('rep');
    const owners = [null, ann.me.user.id];
    for (const ownerId of owners) {
      const { id } = await create('deals', { name: 'Big', amountMinor: 100, currency: 'USD', ownerId });
      await create('deals', { name: 'Open', amountMinor: 10, currency: 'USD', ownerId });
      await rest.ok(200, 'POST', `/api/deals/${id}/win`, {});
    }
    await items(ann, '/api/deals');
    const metric = async (path: string) => expectOk(await ann.ask('GET', `/api/analytics/${path}`));
    expect(await metric('pipeline')).toMatchObject({ count: 1, amountMinor: 10 });
    expect(await metric('win-rate')).toMatchObject({ numerator: 1, denominator: 1 });
    expect((await metric('leaderboard'))['rows']).toMatchObject([{ ownerId: ann.me.user.id, won: 1 }]);
    expect(await rest.ok(200, 'GET', '/api/analytics/pipeline')).toMatchObject({ amountMinor: 20 });
  });

  test('comes into sight with a share and goes with it', async () => {
    const ann = await person('rep');
    const { id } = await create('deals', { name: 'Shared', ownerId: null });
    const shared = await rest.call('POST', `/api/deals/${id}/shares`, {
      with: { type: 'user', id: ann.me.user.id },
      access: 'read',
    });
    expect(shared.statusCode).toBe(201);
    const { shareId } = shared.json<{ shareId: string }>();
    expect(shared.headers['location']).toBe(`/api/deals/${id}/shares/${shareId}`);
    expect(expectOk(await ann.ask('GET', `/api/deals/${id}`))['shares']).toMatchObject([{ shareId, access: 'read' }]);
    expect(idsOf(await items(ann, '/api/deals'))).toContain(id);
    expect((await ann.ask('PATCH', `/api/deals/${id}`, { name: 'Mine' })).json()).toMatchObject({ code: 'forbidden' });
    await rest.ok(200, 'DELETE', `/api/deals/${id}/shares/${shareId}`);
    await rest.ok(200, 'DELETE', `/api/deals/${id}/shares/${shareId}`);
    expect((await ann.ask('GET', `/api/deals/${id}`)).statusCode).toBe(404);
    expect(idsOf(await items(ann, '/api/deals'))).not.toContain(id);
  });

  test('is told no more of than its id to whom gave it away', async () => {
    const [ann, bob] = [await person('rep'), await person('rep')];
    const { id } = expectOk(await ann.ask('POST', '/api/leads', { name: 'Given away' }));
    const given = expectOk(await ann.ask('PATCH', `/api/leads/${id}`, { ownerId: bob.me.user.id }));
    expect(given).toMatchObject({ id, version: 2 });
    expect(JSON.stringify(given)).not.toContain('Given away');
    expect((await ann.ask('GET', `/api/leads/${id}`)).statusCode).toBe(404);
    expect(expectOk(await bob.ask('GET', `/api/leads/${id}`))['name']).toBe('Given away');
  });
});

describe('an analyst', () => {
  test('reads everything over REST, but no personal data of leads and contacts', async () => {
    const ann = await person('analyst');
    const { id } = await create('leads', {
      name: 'Grace Hopper',
      companyName: 'Navy',
      emails: [{ value: 'g@navy.mil' }],
    });
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, { title: 'Admiral', source: 'web' });
    const texts = [
      JSON.stringify(await items(ann, '/api/leads')),
      (await ann.ask('GET', `/api/leads/${id}`)).payload,
      (await ann.ask('GET', `/api/leads/${id}/history`)).payload,
    ];
    for (const text of texts) {
      expect(text).toContain('Navy');
      expect(text).not.toMatch(/Grace|navy\.mil|Admiral/);
    }
    for (const query of ['q=grace', 'sort=name', 'sort=-name'])
      expect((await ann.ask('GET', `/api/leads?${query}`)).json()).toMatchObject({ code: 'forbidden' });
    expect(expectOk(await ann.ask('GET', '/api/analytics/pipeline'))['rows']).toBeDefined();
  });
});

describe('the settings of the workspace', () => {
  test('are changed by admins, and seen by everyone', async () => {
    const ann = await person('rep');
    expect(expectOk(await ann.ask('GET', '/api/workspace'))).toMatchObject({ sharing: 'owner' });
    expect((await ann.ask('PATCH', '/api/workspace', { sharing: 'everyone' })).statusCode).toBe(403);
    expect((await rest.call('PATCH', '/api/workspace', { sharing: 'nobody' })).statusCode).toBe(400);
    const zone = await rest.ok(200, 'PATCH', '/api/workspace', { timeZone: 'Europe/Berlin' });
    expect(zone).toMatchObject({ sharing: 'owner', timeZone: 'Europe/Berlin' });
  });
});

describe('a live hint', () => {
  test('comes for what one sees and for what one loses, and for nothing else', async () => {
    const ann = await person('rep');
    await rest.test.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = rest.test.app.server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/sync/live`, {
      headers: { authorization: `Bearer ${ann.me.accessToken}` },
    });
    let hints = 0;
    socket.on('message', () => (hints += 1));
    await new Promise((resolve) => socket.on('open', resolve));
    await delay(300);
    const hinted = async (work: () => Promise<unknown>): Promise<boolean> => {
      const before = hints;
      await work();
      await delay(300);
      return hints > before;
    };
    const own = expectOk(await ann.ask('POST', '/api/leads', { name: 'Mine' }));
    await delay(300);
    const hidden = await create('leads', { name: 'Hidden', ownerId: null });
    await delay(300);
    expect(await hinted(() => rest.ok(200, 'PATCH', `/api/leads/${hidden['id']}`, { title: 'Unseen' }))).toBe(false);
    expect(await hinted(() => rest.ok(200, 'PATCH', `/api/leads/${own['id']}`, { title: 'Seen' }))).toBe(true);
    expect(await hinted(() => rest.ok(200, 'PATCH', `/api/leads/${own['id']}`, { ownerId: null }))).toBe(true);
    expect(await hinted(() => rest.ok(200, 'PATCH', `/api/leads/${own['id']}`, { title: 'Lost' }))).toBe(false);
    const share = { with: { type: 'user', id: ann.me.user.id }, access: 'read' };
    expect(await hinted(() => rest.ok(201, 'POST', `/api/leads/${hidden['id']}/shares`, share))).toBe(true);
    expect(await hinted(() => rest.ok(200, 'PATCH', `/api/leads/${hidden['id']}`, { title: 'Seen' }))).toBe(true);
    socket.close();
  });
});
