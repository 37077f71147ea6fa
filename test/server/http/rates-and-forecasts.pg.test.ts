import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const quarter = { periodStart: '2026-01-01', periodEnd: '2026-04-01', amountMinor: 500_000, currency: 'USD' };

test('a rate is recorded, read, listed by its day and exported, and never changed', async () => {
  const body = { base: 'EUR', quote: 'USD', rate: '1.0825', asOf: '2026-03-31', source: 'ECB' };
  const response = await rest.call('POST', '/api/exchange-rates', body);
  expect(response.statusCode).toBe(201);
  const rate = response.json<Json>();
  expect(response.headers['location']).toBe(`/api/exchange-rates/${rate['id']}`);
  expect(rate).toMatchObject({ ...body, version: 1 });
  expect(await rest.ok(200, 'GET', `/api/exchange-rates/${rate['id']}`)).toMatchObject(body);
  await rest.ok(201, 'POST', '/api/exchange-rates', { ...body, asOf: '2026-02-28' });
  const list = async (query: string) =>
    (await rest.ok(200, 'GET', `/api/exchange-rates?${query}`))['items'].map((item: Json) => item['asOf']);
  expect(await list('sort=asOf')).toEqual(['2026-02-28', '2026-03-31']);
  expect(await list('base=EUR&asOfFrom=2026-03-01')).toEqual(['2026-03-31']);
  expect(await list('base=GBP')).toEqual([]);
  const { payload } = await rest.call('GET', '/api/exports/exchange-rates.csv');
  expect(payload).toContain('"EUR","USD","1.0825","2026-03-31","ECB"');
  for (const method of ['PATCH', 'DELETE'] as const)
    expect((await rest.call(method, `/api/exchange-rates/${rate['id']}`, {})).statusCode).toBe(405);
});

test('a quota and a forecast are for a period, and listed by whose they are', async () => {
  const { id: me } = rest.me.user;
  const quota = await rest.ok(201, 'POST', '/api/quotas', { ...quarter, ownerId: me });
  expect(quota).toMatchObject({ ...quarter, ownerId: me, teamId: null });
  const forecast = await rest.ok(201, 'POST', '/api/forecasts', { ...quarter, amountMinor: 450_000, note: 'Safe' });
  expect(forecast).toMatchObject({ ownerId: me, submittedBy: me, amountMinor: 450_000, note: 'Safe' });
  for (const [path, id] of [
    ['quotas', quota['id']],
    ['forecasts', forecast['id']],
  ]) {
    const { items } = await rest.ok(200, 'GET', `/api/${path}?ownerId=${me}&periodStartFrom=2026-01-01`);
    expect(items).toMatchObject([{ id }]);
    expect(await rest.ok(200, 'GET', `/api/${path}?ownerId=null`)).toMatchObject({ items: [] });
  }
  const { items } = await rest.ok(200, 'GET', `/api/forecasts/${forecast['id']}/history`);
  expect(items).toMatchObject([{ type: 'ForecastSubmitted', data: { note: 'Safe' } }]);
});

test.each([
  ['exchange-rates', { base: 'EUR', quote: 'USD', rate: 1.1, asOf: '2026-01-01' }, 'rate'],
  ['exchange-rates', { base: 'EUR', quote: 'EUR', rate: '1.1', asOf: '2026-01-01' }, 'quote'],
  ['quotas', { ...quarter, periodEnd: '2025-12-31' }, 'periodEnd'],
  ['forecasts', { ...quarter, submittedBy: '0' }, 'submittedBy'],
])('a mistake in %s is named: %j', async (path, body, field) => {
  const response = await rest.call('POST', `/api/${path}`, body);
  expect(response.statusCode).toBe(400);
  expect(response.json<Json>()['errors'][0].path).toContain(field);
});
