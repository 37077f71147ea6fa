import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
const [a, b, c, d, won] = Array.from({ length: 5 }, () => uuidv7()) as [string, string, string, string, string];

beforeAll(async () => {
  past = await openPast();
  const usd = { currency: 'USD' };
  await past.happened([
    [day('2025-01-01'), 'DealCreated', a, { name: 'A', amountMinor: 333, expectedCloseDate: '2025-02-10', ...usd }],
    [
      day('2025-01-01'),
      'DealCreated',
      b,
      { name: 'B', amountMinor: 334, expectedCloseDate: '2025-02-28', forecastCategory: 'commit', ...usd },
    ],
    [
      day('2025-01-01'),
      'DealCreated',
      c,
      { name: 'C', amountMinor: 1000, expectedCloseDate: '2025-03-01', forecastCategory: 'best_case', ...usd },
    ],
    [day('2025-01-01'), 'DealCreated', d, { name: 'D', expectedCloseDate: '2025-02-11', forecastCategory: 'omitted' }],
    [day('2025-01-01'), 'DealCreated', won, { name: 'Won', amountMinor: 50, expectedCloseDate: '2025-02-12', ...usd }],
    [day('2025-02-05'), 'DealWon', won, {}],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

describe('the forecast', () => {
  test('weighs open deals that close in the period and rounds once', async () => {
    // 33.3 + 33.4: rounded each it would be 66.
    expect(await past.ask('forecast?from=2025-02-01&to=2025-03-01')).toMatchObject({
      count: 3,
      amountMinor: 667,
      weightedMinor: 67,
      won: 1,
      wonAmountMinor: 50,
      currency: 'USD',
    });
  });

  test('has categories alone and cumulative, omitted in none', async () => {
    const { categories } = await past.ask('forecast?from=2025-02-01&to=2025-04-01');
    expect(categories).toEqual([
      { category: 'closed', count: 1, amountMinor: 50, cumulativeMinor: 50 },
      { category: 'commit', count: 1, amountMinor: 334, cumulativeMinor: 384 },
      { category: 'best_case', count: 1, amountMinor: 1000, cumulativeMinor: 1384 },
      { category: 'pipeline', count: 1, amountMinor: 333, cumulativeMinor: 1667 },
      { category: 'omitted', count: 1, amountMinor: 0, cumulativeMinor: null },
    ]);
  });

  test('as of a past moment knows what was expected then', async () => {
    await past.happened([[day('2025-02-01'), 'DealExpectedCloseDateChanged', a, { expectedCloseDate: '2025-06-01' }]]);
    expect((await past.ask('forecast?from=2025-02-01&to=2025-03-01'))['amountMinor']).toBe(334);
    expect(
      (await past.ask('forecast?from=2025-02-01&to=2025-03-01&clock=occurred&asOf=2025-01-15'))['amountMinor'],
    ).toBe(717);
  });

  test('is told apart by owner', async () => {
    const answer = await past.ask('forecast?groupBy=owner&from=2025-02-01&to=2025-03-01');
    expect(rowOf(answer, { ownerId: past.rest.me.user.id })).toMatchObject({ amountMinor: 334, won: 1 });
  });
});
