import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';
import type { Json } from '../../../support/rest.ts';

let past: PastBench;
const bob = uuidv7();
const [often, once, closed, cleared] = Array.from({ length: 4 }, () => uuidv7()) as [string, string, string, string];

const dated = (expectedCloseDate: string | null): Json => ({ expectedCloseDate });
const ask = (query: string): Promise<Json> => past.ask(`slippage?${query}`);

beforeAll(async () => {
  past = await openPast();
  await past.happened([
    [day('2025-01-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }],
    [day('2025-01-02'), 'DealCreated', often, { name: 'Often', source: 'web', ...dated('2025-03-01') }],
    [day('2025-01-10'), 'DealExpectedCloseDateChanged', often, dated('2025-03-11')],
    [day('2025-01-20'), 'DealExpectedCloseDateChanged', often, dated('2025-03-06')],
    [day('2025-02-10'), 'DealAssigned', often, { ownerId: bob }],
    [day('2025-02-20'), 'DealExpectedCloseDateChanged', often, dated('2025-03-16')],
    [day('2025-03-10'), 'DealExpectedCloseDateChanged', often, dated('2025-06-16')],
    [day('2025-01-02'), 'DealCreated', once, { name: 'Once', ...dated('2025-02-01') }],
    [day('2025-01-15'), 'DealExpectedCloseDateChanged', once, dated('2025-02-03')],
    [day('2025-01-02'), 'DealCreated', closed, { name: 'Closed', ...dated('2025-02-01') }],
    [day('2025-01-16'), 'DealWon', closed, {}],
    [day('2025-01-17'), 'DealExpectedCloseDateChanged', closed, dated('2025-12-01')],
    [day('2025-01-02'), 'DealCreated', cleared, { name: 'Cleared', ...dated('2025-02-01') }],
    [day('2025-01-18'), 'DealExpectedCloseDateChanged', cleared, dated(null)],
    [day('2025-01-19'), 'DealExpectedCloseDateChanged', cleared, dated('2025-09-01')],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

test('counts the moves of open deals to a later day, and their days', async () => {
  expect(await ask('')).toMatchObject({
    pushes: 4,
    days: { value: (10 + 10 + 92 + 2) / 4, numerator: 114, denominator: 4, n: 4 },
    deals: 2,
    dealsPushedOften: 1,
    pulls: 1,
    daysPulled: 5,
    rows: [],
  });
});

test('counts moves of the period, however the dates lie', async () => {
  expect(await ask('from=2025-01-15&to=2025-02-20')).toMatchObject({ pushes: 1, days: { numerator: 2 }, pulls: 1 });
  expect(await ask('from=2024-01-01&to=2025-01-01')).toMatchObject({ pushes: 0, days: { value: null }, deals: 0 });
});

test('gives a push to who owned the deal then, and to its month', async () => {
  const byOwner = await ask('groupBy=owner');
  expect(rowOf(byOwner, { ownerId: bob })).toMatchObject({ owner: 'Bob', pushes: 2, deals: 1, dealsPushedOften: 0 });
  expect(rowOf(byOwner, { ownerId: past.rest.me.user.id })).toMatchObject({ pushes: 2, deals: 2 });
  expect(byOwner).toMatchObject({ pushes: 4, deals: 2, dealsPushedOften: 1 });
  const { rows } = await ask('groupBy=month');
  expect(rows.map((row: Json) => [row['month'], row['pushes']])).toEqual([
    ['2025-01', 2],
    ['2025-02', 1],
    ['2025-03', 1],
  ]);
  expect(await ask(`ownerId=${bob}`)).toMatchObject({ pushes: 2, days: { numerator: 102 } });
});

test('as of a past moment knows no later push; as recorded it never changes', async () => {
  expect(await ask('clock=occurred&asOf=2025-01-31')).toMatchObject({ pushes: 2, days: { numerator: 12 } });
  const head = await past.happened([[day('2025-04-01'), 'DealDetailsChanged', once, { name: 'Once more' }]]);
  const recorded = await ask(`clock=recorded&asOf=${head}&groupBy=owner`);
  expect(await ask(`asOf=${head}&groupBy=owner`)).toEqual(recorded);
  // Late, so that it was pushed in two steps: as occurred only.
  await past.happened([[day('2025-01-05'), 'DealExpectedCloseDateChanged', once, dated('2025-02-02')]]);
  expect(await ask(`clock=recorded&asOf=${head}&groupBy=owner`)).toEqual(recorded);
  expect(await ask('')).toMatchObject({ pushes: 5, days: { numerator: 114 } });
});

test('of a deal that is deleted counts none, as of before its deletion all', async () => {
  const march = 'from=2025-03-01&to=2025-04-01';
  expect(await ask(march)).toMatchObject({ pushes: 1, days: { numerator: 92 } });
  await past.happened([[day('2025-05-01'), 'DealDeleted', often, {}]]);
  expect(await ask(march)).toMatchObject({ pushes: 0, days: { value: null }, deals: 0 });
  expect(await ask(`${march}&clock=occurred&asOf=2025-04-30`)).toMatchObject({ pushes: 1 });
});

test('asOf needs the clock of the period', async () => {
  const response = await past.rest.call('GET', '/api/analytics/slippage?to=2025-02-01&asOf=2025-02-01');
  expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: 'asOf' }] });
});
