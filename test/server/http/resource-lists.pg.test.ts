import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
let names: string[];

beforeAll(async () => {
  rest = await openRest();
  const leads = [
    { name: 'Ann', source: 'web', priority: 'high', score: 3 },
    { name: 'Bob', source: 'fair', status: 'contacted', ownerId: null },
    { companyName: 'Nameless', source: 'web' },
    { name: '100 % _wild_', source: 'web', amountMinor: 500, currency: 'EUR' },
    { name: 'Ann', source: 'fair', status: 'qualified', amountMinor: 900, currency: 'EUR' },
  ];
  for (const { score, ...lead } of leads) {
    const { id } = await rest.ok(201, 'POST', '/api/leads', lead);
    if (score !== undefined) await rest.ok(200, 'PATCH', `/api/leads/${id}`, { score });
  }
  names = leads.map((lead) => lead.name ?? 'null');
});
afterAll(() => rest[Symbol.asyncDispose]());

const listed = async (query: string): Promise<string[]> => {
  const { items } = await rest.ok(200, 'GET', `/api/leads?${query}`);
  return items.map((lead: Json) => String(lead['name']));
};

/** Every page of a list, in order. */
const pages = async (query: string): Promise<Json[]> => {
  const found: Json[] = [];
  for (let after = ''; ;) {
    const page = await rest.ok(200, 'GET', `/api/leads?${query}${after}`);
    found.push(...page['items']);
    if (page['next'] === null) return found;
    after = `&after=${page['next']}`;
  }
};

describe('a list', () => {
  test('begins with the newest', async () => {
    expect(await listed('')).toEqual(names.toReversed());
  });

  test.each([
    'createdAt',
    '-createdAt',
    'updatedAt',
    '-updatedAt',
    'name',
    '-name',
    'amountMinor',
    '-amountMinor',
    'score',
    '-score',
    'companyName',
  ])('sorted by %s has the same records on pages of any size', async (sort) => {
    const whole = (await rest.ok(200, 'GET', `/api/leads?sort=${sort}`)).items;
    expect(whole).toHaveLength(names.length);
    for (const limit of [1, 2, 3]) expect(await pages(`sort=${sort}&limit=${limit}`)).toEqual(whole);
  });

  test('puts what has no value last, whatever the direction', async () => {
    expect((await listed('sort=amountMinor')).slice(0, 2)).toEqual(['100 % _wild_', 'Ann']);
    expect((await listed('sort=-amountMinor')).slice(0, 2)).toEqual(['Ann', '100 % _wild_']);
  });

  test('finds by words, with wildcards as letters', async () => {
    expect(await listed('q=ANN')).toHaveLength(2);
    expect(await listed('q=nameless')).toEqual(['null']);
    expect(await listed('q=0%20%25%20_')).toEqual(['100 % _wild_']);
    expect(await listed('q=n_n')).toEqual([]);
  });

  test('filters by its fields, several values and none', async () => {
    expect(await listed('status=contacted')).toEqual(['Bob']);
    expect(await listed('status=contacted,qualified')).toEqual(['Ann', 'Bob']);
    expect(await listed('ownerId=null')).toEqual(['Bob']);
    expect(await listed(`ownerId=${rest.me.user.id}&source=fair`)).toEqual(['Ann']);
    expect(await listed('priority=high')).toEqual(['Ann']);
    expect(await listed('converted=true')).toEqual([]);
    expect(await listed('createdTo=2020-01-01')).toEqual([]);
    expect(await listed('createdFrom=2020-01-01T00:00:00Z')).toHaveLength(5);
    expect(await listed('createdFrom=2020-01-01T00:00:00%2B23:00')).toHaveLength(5);
  });

  test('may be long', async () => {
    expect((await rest.call('GET', '/api/leads?limit=1000')).statusCode).toBe(200);
  });

  test('of deals knows their outcome as their status, too', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Open' });
    const ids = async (query: string) =>
      (await rest.ok(200, 'GET', `/api/deals?${query}`))['items'].map((deal: Json) => deal['id']);
    expect(await ids('status=open')).toContain(id);
    expect(await ids('status=won,lost')).not.toContain(id);
    expect(await ids('status=won&outcome=open')).toEqual([]);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1e3', 'limit'],
    ['limit=10000000000', 'limit'],
    ['colour=red', 'colour'],
    ['sort=emails', 'sort'],
    ['sort=--name', 'sort'],
    ['ownerId=me', 'ownerId'],
    ['ownerId=00000000-0000-0000-0000-00000000000Z', 'ownerId'],
    ['createdFrom=2026-02-31', 'createdFrom'],
    ['createdFrom=infinity', 'createdFrom'],
    ['createdFrom=0001-01-01T00:00:00%2B23:00', 'createdFrom'],
    ['createdFrom=9999-12-31T23:00:00-23:00', 'createdFrom'],
    ['q=', 'q'],
    ['q=%00', 'q'],
    ['status=a%00b', 'status'],
    ['deleted=maybe', 'deleted'],
    ['after=nonsense', 'after'],
    ['after=WyJuYW1lIiwieCIsMV0', 'after'],
    [
      `after=${Buffer.from('["-createdAt","then","01970000-0000-7000-8000-000000000001"]').toString('base64url')}`,
      'after',
    ],
    [`after=${Buffer.from('["name","x","01970000-0000-7000-8000-000000000001"]').toString('base64url')}`, 'after'],
    [
      `after=${Buffer.from('["-createdAt",null,"01970000-0000-7000-8000-000000000001"]').toString('base64url')}`,
      'after',
    ],
    ['limit=1&limit=2', 'limit'],
  ])('refuses %s and says where', async (query, path) => {
    const response = await rest.call('GET', `/api/leads?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
  });

  test('of another workspace is empty', async () => {
    const stranger = await rest.stranger();
    expect((await stranger('GET', '/api/leads')).json()).toEqual({ items: [], next: null });
  });

  test('holds what its own user has just written, unasked', async () => {
    const unasked = { 'x-min-position': '0' };
    for (let round = 0; round < 5; round += 1) {
      const { id } = await rest.ok(201, 'POST', '/api/contacts', { name: `Contact ${round}` });
      const { items } = await rest.ok(200, 'GET', '/api/contacts?limit=1', undefined, unasked);
      expect(items).toMatchObject([{ id }]);
    }
  });

  test('waits for a position, and says so when it does not come', async () => {
    const began = performance.now();
    const response = await rest.call('GET', '/api/leads', undefined, { 'x-min-position': '1000000' });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'projection_behind' });
    expect(response.headers['retry-after']).toBeDefined();
    expect(performance.now() - began).toBeGreaterThan(4900);
    expect((await rest.call('GET', '/api/leads', undefined, { 'x-min-position': '-1' })).statusCode).toBe(400);
  }, 10_000);
});

test('every route is described with its parameters and answers', async () => {
  const { paths } = (await rest.call('GET', '/openapi.json')).json();
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/api/leads', '/api/deals/{id}/win', '/api/leads/{id}/convert', '/api/analytics/win-rate']),
  );
  const parameters = paths['/api/deals'].get.parameters.map((parameter: Json) => parameter['name']);
  expect(parameters).toEqual(expect.arrayContaining(['limit', 'after', 'sort', 'q', 'stageId', 'x-min-position']));
  expect(paths['/api/deals'].post.requestBody.content['application/json'].schema.properties).toHaveProperty(
    'amountMinor',
  );
});
