import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';
import type { Json } from '../../../support/rest.ts';

let past: PastBench;
const bob = uuidv7();

const COMES = ['created', 'pulledIn', 'increased', 'reopened', 'restored', 'movedIn'];
const LEAVES = ['decreased', 'pushedOut', 'won', 'lost', 'deleted', 'movedOut'];
const sumOf = (row: Json, steps: readonly string[]): number =>
  steps.reduce((sum, step) => sum + row[step]['amountMinor'], 0);
const balanceOf = (row: Json): number => row['start']['amountMinor'] + sumOf(row, COMES) - sumOf(row, LEAVES);

const newDeal = (data: object) => ({ name: 'Deal', currency: 'USD', ...data });

beforeAll(async () => {
  past = await openPast();
  await past.happened([[day('2024-01-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }]]);
});
afterAll(() => past[Symbol.asyncDispose]());

describe('the waterfall', () => {
  test('names each movement between two moments and balances', async () => {
    const id = Array.from({ length: 7 }, () => uuidv7()) as [string, string, string, string, string, string, string];
    const lostOnce = { reason: 'price' };
    await past.happened([
      [day('2024-01-02'), 'DealCreated', id[0], newDeal({ amountMinor: 100 })],
      [day('2024-01-02'), 'DealCreated', id[1], newDeal({ amountMinor: 200 })],
      [day('2024-01-02'), 'DealCreated', id[2], newDeal({ amountMinor: 400 })],
      [day('2024-01-02'), 'DealCreated', id[3], newDeal({ amountMinor: 800 })],
      [day('2024-01-03'), 'DealLost', id[3], lostOnce],
      [day('2024-01-02'), 'DealCreated', id[4], newDeal({ amountMinor: 1600 })],
      [day('2024-01-02'), 'DealCreated', id[6], newDeal({ amountMinor: 6400 })],
      [day('2024-02-01'), 'DealAmountChanged', id[0], { amountMinor: 150 }],
      [day('2024-02-02'), 'DealAmountChanged', id[0], { amountMinor: 120 }],
      [day('2024-02-01'), 'DealWon', id[1], {}],
      [day('2024-02-01'), 'DealLost', id[2], lostOnce],
      [day('2024-02-01'), 'DealReopened', id[3], { stageId: past.stages['Proposal'] }],
      [day('2024-02-01'), 'DealDeleted', id[4], {}],
      [day('2024-02-01'), 'DealCreated', id[5], newDeal({ amountMinor: 3200 })],
      [day('2024-02-02'), 'DealDeleted', id[6], {}],
      [day('2024-02-03'), 'DealRestored', id[6], {}],
    ]);
    const answer = await past.ask('waterfall?from=2024-01-20&to=2024-03-01');
    expect(answer).toMatchObject({
      start: { count: 5, amountMinor: 8700 },
      created: { count: 1, amountMinor: 3200 },
      increased: { count: 1, amountMinor: 50 },
      decreased: { count: 1, amountMinor: 30 },
      won: { count: 1, amountMinor: 200 },
      lost: { count: 1, amountMinor: 400 },
      reopened: { count: 1, amountMinor: 800 },
      deleted: { count: 2, amountMinor: 8000 },
      restored: { count: 1, amountMinor: 6400 },
      pulledIn: { count: 0 },
      movedIn: { count: 0 },
      end: { count: 4, amountMinor: 10_520 },
    });
    expect(balanceOf(answer)).toBe(answer['end']['amountMinor']);
  });

  test('begins and ends with what the pipeline was', async () => {
    const answer = await past.ask('waterfall?from=2024-01-20&to=2024-03-01');
    const pipelineAt = async (time: string) => past.ask(`pipeline?clock=occurred&asOf=${time}`);
    expect(answer['start']['amountMinor']).toBe((await pipelineAt('2024-01-20T00:00:00Z'))['amountMinor']);
    expect(answer['end']['amountMinor']).toBe((await pipelineAt('2024-03-01T00:00:00Z'))['amountMinor']);
  });

  test('of a window of close dates tells what was pulled in and pushed out', async () => {
    const [pushed, pulled] = [uuidv7(), uuidv7()];
    await past.happened([
      [day('2024-04-01'), 'DealCreated', pushed, newDeal({ amountMinor: 10, expectedCloseDate: '2024-06-15' })],
      [day('2024-04-01'), 'DealCreated', pulled, newDeal({ amountMinor: 7, expectedCloseDate: '2024-09-15' })],
      [day('2024-05-01'), 'DealExpectedCloseDateChanged', pushed, { expectedCloseDate: '2024-07-01' }],
      [day('2024-05-02'), 'DealExpectedCloseDateChanged', pulled, { expectedCloseDate: '2024-06-30' }],
    ]);
    expect(
      await past.ask('waterfall?from=2024-04-15&to=2024-05-15&closeFrom=2024-06-01&closeTo=2024-07-01'),
    ).toMatchObject({
      start: { count: 1, amountMinor: 10 },
      pushedOut: { count: 1, amountMinor: 10 },
      pulledIn: { count: 1, amountMinor: 7 },
      end: { count: 1, amountMinor: 7 },
    });
  });

  test('of one owner tells what came from and went to others', async () => {
    const moving = uuidv7();
    await past.happened([
      [day('2024-08-01'), 'DealCreated', moving, newDeal({ amountMinor: 99 })],
      [day('2024-08-10'), 'DealAssigned', moving, { ownerId: bob }],
    ]);
    const between = 'from=2024-08-05&to=2024-08-15';
    expect(await past.ask(`waterfall?${between}&ownerId=${bob}`)).toMatchObject({
      start: { amountMinor: 0 },
      movedIn: { count: 1, amountMinor: 99 },
      end: { count: 1, amountMinor: 99 },
    });
    const byOwner = await past.ask(`waterfall?${between}&groupBy=owner`);
    expect(rowOf(byOwner, { ownerId: past.rest.me.user.id })).toMatchObject({
      movedOut: { count: 1, amountMinor: 99 },
    });
    expect(rowOf(byOwner, { owner: 'Bob' })).toMatchObject({ movedIn: { amountMinor: 99 } });
  });

  test('has moments of its own: asOf is refused', async () => {
    const response = await past.rest.call('GET', '/api/analytics/waterfall?from=2024-01-01&asOf=2024-02-01');
    expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: 'asOf' }] });
  });
});
