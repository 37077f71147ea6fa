import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, type Happened, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
beforeAll(async () => {
  past = await openPast();
});
afterAll(() => past[Symbol.asyncDispose]());

const rate = (at: string, base: string, quote: string, price: string): Happened => [
  day(at),
  'ExchangeRateRecorded',
  uuidv7(),
  { base, quote, rate: price, asOf: at },
];
const deal = (at: string, id: string, currency: string, amountMinor: number): Happened => [
  day(at),
  'DealCreated',
  id,
  { name: currency, amountMinor, currency, expectedCloseDate: '2025-12-01' },
];

describe('deals in euros, yen and dinars in a dollar workspace', () => {
  const [euro, yen, lost, openEuro, openDinar, openDollar] = Array.from({ length: 6 }, () => uuidv7()) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  let unrated = 0;

  test('are apart by currency while rates are missing, and the answer names those', async () => {
    await past.happened([
      rate('2025-01-01', 'EUR', 'USD', '1.0825'),
      rate('2025-01-01', 'USD', 'JPY', '150'),
      deal('2025-02-01', euro, 'EUR', 10_001),
      deal('2025-02-01', yen, 'JPY', 15_000),
      deal('2025-02-01', lost, 'EUR', 2000),
      deal('2025-02-01', openEuro, 'EUR', 333),
      deal('2025-02-01', openDollar, 'USD', 100),
      [day('2025-03-01'), 'DealWon', euro, {}],
      [day('2025-03-01'), 'DealWon', yen, {}],
      [day('2025-03-01'), 'DealLost', lost, { reason: 'price' }],
    ]);
    unrated = await past.happened([deal('2025-02-01', openDinar, 'KWD', 1500)]);
    const answer = await past.ask('pipeline');
    expect(answer).toMatchObject({
      converted: false,
      withoutRate: ['KWD'],
      amountMinor: null,
      currency: null,
      currencies: ['EUR', 'KWD', 'USD'],
    });
    expect(rowOf(answer, { currency: 'EUR', stage: 'Qualification' })).toMatchObject({ amountMinor: 333 });
  });

  test('are won at the rate of then, and added up in dollars', async () => {
    // 10,001 × 1.0825 = 10,826.08…; 15,000 yen are 100 dollars: 10,000 cents; 2,000 × 1.0825 = 2,165.
    expect(await past.ask('win-rate')).toMatchObject({
      converted: true,
      withoutRate: [],
      currency: 'USD',
      currencies: ['EUR', 'JPY'],
      byValue: { numerator: 20_826, denominator: 22_991 },
      rows: [],
    });
    const { rows } = await past.ask('leaderboard');
    expect(rows).toMatchObject([{ ownerId: past.rest.me.user.id, currency: 'USD', won: 2, wonAmountMinor: 20_826 }]);
  });

  test('stay what they were won for, whatever rates come later', async () => {
    await past.happened([rate('2025-01-02', 'EUR', 'USD', '2'), rate('2025-06-01', 'USD', 'JPY', '75')]);
    expect(await past.ask('win-rate')).toMatchObject({ byValue: { numerator: 20_826 } });
  });

  test('are open at the newest rate, exponents and all, and rounded once behind the sum', async () => {
    await past.happened([rate('2025-01-01', 'KWD', 'USD', '3.2533')]);
    // 333 × 2 + 1,500 thousandths × 3.2533 = 487.995 cents + 100 = 1,253.995; the weighted sum is a tenth of it.
    expect(await past.ask('pipeline')).toMatchObject({
      converted: true,
      currency: 'USD',
      currencies: ['EUR', 'KWD', 'USD'],
      count: 3,
      amountMinor: 1254,
      weightedMinor: 125,
    });
    expect(await past.ask('forecast?from=2025-01-01&to=2026-01-01')).toMatchObject({
      amountMinor: 1254,
      weightedMinor: 125,
      wonAmountMinor: 20_826,
    });
    expect(await past.ask('velocity')).toMatchObject({ averageDeal: { numerator: 20_826, denominator: 2 } });
  });

  test('are what they were at a past moment, on both clocks', async () => {
    expect(await past.ask(`pipeline?asOf=${unrated}`)).toMatchObject({ converted: false, withoutRate: ['KWD'] });
    // On 1 February a euro was 2 dollars: so it was said later of a day before.
    expect(await past.ask('pipeline?clock=occurred&asOf=2025-02-01')).toMatchObject({ converted: true, count: 6 });
    expect(await past.ask('win-rate?clock=occurred&asOf=2025-03-01')).toMatchObject({ byValue: { numerator: 20_826 } });
  });

  test('apart by currency are told apart when that is asked for', async () => {
    const answer = await past.ask('leaderboard?groupBy=currency');
    expect(answer).toMatchObject({ converted: false, currency: null });
    expect(rowOf(answer, { currency: 'JPY' })).toMatchObject({ wonAmountMinor: 15_000 });
    expect(await past.ask('win-rate?currency=JPY')).toMatchObject({ converted: false, currency: 'JPY' });
  });

  test('make a waterfall that balances in dollars', async () => {
    await past.happened([[day('2025-04-01'), 'DealAmountChanged', openEuro, { amountMinor: 501 }]]);
    const answer = await past.ask('waterfall?from=2025-01-01&to=2025-05-01');
    expect(answer).toMatchObject({ converted: true, currency: 'USD', created: { count: 6 }, increased: { count: 1 } });
    const sum = (...steps: string[]) => steps.reduce((total, step) => total + answer[step]['amountMinor'], 0);
    expect(sum('start', 'created', 'increased') - sum('won', 'lost')).toBe(sum('end'));
    expect(sum('end')).toBe(1590);
  });

  test('that were reopened since count as won at a past moment, for what was frozen then', async () => {
    const before = await past.happened([
      [new Date().toISOString(), 'DealReopened', euro, { stageId: past.stages['Proposal'] }],
    ]);
    expect(await past.ask(`win-rate?asOf=${before - 1}`)).toMatchObject({
      converted: true,
      byValue: { numerator: 20_826 },
    });
    expect(await past.ask('win-rate')).toMatchObject({ byValue: { numerator: 10_000 } });
  });

  test('that were won before any rate was known keep their own currency, and are named', async () => {
    const [pound, dollar] = [uuidv7(), uuidv7()];
    await past.happened([
      deal('2025-02-01', pound, 'GBP', 500),
      deal('2025-02-01', dollar, 'USD', 700),
      [day('2025-03-01'), 'DealWon', pound, {}],
      [day('2025-03-01'), 'DealWon', dollar, {}],
      rate('2025-01-01', 'GBP', 'USD', '1.25'),
    ]);
    expect(await past.ask('win-rate')).toMatchObject({ converted: false, withoutRate: ['GBP'], byValue: null });
  });
});
