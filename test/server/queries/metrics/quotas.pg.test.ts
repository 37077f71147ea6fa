import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, type Happened, openPast, type PastBench, rowOf } from '../../../support/past.ts';

const [team, ann, bob, won, yen, open, omitted] = Array.from({ length: 7 }, () => uuidv7()) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
const QUARTER = 'from=2025-01-01&to=2025-04-01';
const quarter = { periodStart: '2025-01-01', periodEnd: '2025-04-01', currency: 'USD' };

let past: PastBench;
let head = 0;
const quota = (at: string, data: object): Happened => [day(at), 'QuotaSet', uuidv7(), { ...quarter, ...data }];
const submitted = (at: string, data: object): Happened => [
  day(at),
  'ForecastSubmitted',
  uuidv7(),
  { ...quarter, ...data },
];
const deal = (id: string, data: object): Happened => [
  day('2025-01-02'),
  'DealCreated',
  id,
  { name: 'Deal', expectedCloseDate: '2025-03-01', ...data },
];

beforeAll(async () => {
  past = await openPast();
  head = await past.happened([
    [day('2024-12-01'), 'TeamCreated', team, { name: 'North' }],
    [day('2024-12-01'), 'UserInvited', ann, { name: 'Ann', role: 'rep' }],
    [day('2024-12-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }],
    [day('2024-12-01'), 'TeamMemberAdded', team, { userId: ann }],
    [
      day('2025-01-01'),
      'ExchangeRateRecorded',
      uuidv7(),
      { base: 'USD', quote: 'JPY', rate: '150', asOf: '2025-01-01' },
    ],
    deal(won, { amountMinor: 6000, currency: 'USD', ownerId: ann }),
    deal(yen, { amountMinor: 3000, currency: 'JPY', ownerId: bob }),
    deal(open, { amountMinor: 3000, currency: 'USD', ownerId: ann, forecastCategory: 'commit' }),
    deal(omitted, { amountMinor: 9000, currency: 'USD', ownerId: ann, forecastCategory: 'omitted' }),
    [day('2025-02-01'), 'DealWon', won, {}],
    [day('2025-02-01'), 'DealWon', yen, {}],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

describe('the quota', () => {
  test('is null where none was set, and so are coverage and attainment: no quota is no quota of 0', async () => {
    expect(await past.ask(`forecast?${QUARTER}`)).toMatchObject({ quotaMinor: null, coverage: null, attainment: null });
  });

  test('of the people together is the whole’s, what was won at the frozen rate counts towards it', async () => {
    await past.happened([
      quota('2025-01-01', { ownerId: ann, amountMinor: 10_000 }),
      quota('2025-01-01', { ownerId: bob, amountMinor: 1_500_000, currency: 'JPY' }),
    ]);
    const answer = await past.ask(`forecast?${QUARTER}&groupBy=owner`);
    // 10,000 cents and 1,500,000 yen, which are 1,000,000 cents.
    expect(answer).toMatchObject({ converted: true, currency: 'USD', wonAmountMinor: 8000, quotaMinor: 1_010_000 });
    expect(rowOf(answer, { ownerId: ann })).toMatchObject({
      quotaMinor: 10_000,
      attainment: { value: 0.6, numerator: 6000, denominator: 10_000, n: 1 },
      // What is omitted covers nothing.
      coverage: { value: 0.75, numerator: 3000, denominator: 4000, n: 1 },
    });
    expect(rowOf(answer, { ownerId: bob })).toMatchObject({ quotaMinor: 1_000_000, attainment: { numerator: 2000 } });
  });

  test('that is reached needs no covering: there is nothing to divide by', async () => {
    await past.happened([quota('2025-01-02', { ownerId: ann, amountMinor: 5000 })]);
    expect(await past.ask(`forecast?${QUARTER}&ownerId=${ann}`)).toMatchObject({
      quotaMinor: 5000,
      attainment: { value: 1.2 },
      coverage: { value: null, numerator: 3000, denominator: 0 },
    });
  });

  test('is the newest that was set, and as of a past moment the one of then', async () => {
    const before = await past.happened([quota('2025-01-03', { ownerId: ann, amountMinor: 20_000 })]);
    const ofAnn = async (moment: string) =>
      (await past.ask(`forecast?${QUARTER}&ownerId=${ann}${moment}`))['quotaMinor'];
    expect(await ofAnn('')).toBe(20_000);
    expect(await ofAnn(`&asOf=${before - 1}`)).toBe(5000);
    expect(await ofAnn(`&asOf=${head}`)).toBeNull();
    expect(await ofAnn('&clock=occurred&asOf=2025-01-01')).toBe(10_000);
  });

  test('of a team is its own, else that of its people', async () => {
    const ofTeam = async () =>
      rowOf(await past.ask(`forecast?${QUARTER}&groupBy=team`), { teamId: team })['quotaMinor'];
    expect(await ofTeam()).toBe(20_000);
    expect(await past.ask(`forecast?${QUARTER}&teamId=${team}`)).toMatchObject({ quotaMinor: 20_000 });
    await past.happened([quota('2025-01-04', { teamId: team, amountMinor: 30_000 })]);
    expect(await ofTeam()).toBe(30_000);
    expect(await past.ask(`forecast?${QUARTER}&teamId=${team}`)).toMatchObject({ quotaMinor: 30_000 });
  });

  test('of months adds up to a quarter, and a quarter is nothing of a month', async () => {
    await past.happened(
      ['01', '02', '03'].map((month, index) =>
        quota('2025-01-01', {
          amountMinor: 100 + index,
          periodStart: `2025-${month}-01`,
          periodEnd: `2025-0${index + 2}-01`,
        }),
      ),
    );
    expect(await past.ask(`forecast?${QUARTER}`)).toMatchObject({ quotaMinor: 303 });
    expect(await past.ask('forecast?from=2025-02-01&to=2025-03-01')).toMatchObject({ quotaMinor: 101 });
    expect(await past.ask(`forecast?from=2025-02-01&to=2025-03-01&ownerId=${ann}`)).toMatchObject({ quotaMinor: null });
    expect(await past.ask('forecast?from=2025-01-01')).toMatchObject({ quotaMinor: null });
    expect(await past.ask(`forecast?${QUARTER}&pipelineId=${past.pipelineId}`)).toMatchObject({ quotaMinor: null });
  });
});

describe('a submission', () => {
  const submissions = async (query = ''): Promise<readonly object[]> =>
    (await past.ask(`forecast?${QUARTER}${query}`))['submissions'];

  test('is judged by what its owner won, with a signed bias, once the period is over', async () => {
    await past.happened([
      submitted('2025-01-10', { ownerId: ann, amountMinor: 4000 }),
      submitted('2025-01-11', { ownerId: ann, amountMinor: 4500 }),
      submitted('2025-01-12', { ownerId: bob, amountMinor: 6000, currency: 'JPY' }),
    ]);
    expect(await submissions()).toMatchObject([
      { owner: 'Ann', amountMinor: 4500, currency: 'USD', actualMinor: 6000, accuracy: 0.75, bias: -0.25 },
      { owner: 'Bob', amountMinor: 6000, currency: 'JPY', actualMinor: 3000, accuracy: 0, bias: 1 },
    ]);
    expect(await submissions(`&ownerId=${bob}`)).toMatchObject([{ owner: 'Bob' }]);
  });

  test('was not judged while the period went on', async () => {
    expect(await submissions('&clock=occurred&asOf=2025-02-15')).toMatchObject([
      { owner: 'Ann', actualMinor: 6000, accuracy: null, bias: null },
      { owner: 'Bob' },
    ]);
    expect(await submissions('&clock=occurred&asOf=2025-01-10')).toMatchObject([{ amountMinor: 4000, actualMinor: 0 }]);
  });

  test('of a team is judged by what the team won, of the workspace by all, in dollars', async () => {
    await past.happened([
      submitted('2025-01-13', { teamId: team, amountMinor: 6000 }),
      submitted('2025-01-14', { ownerId: null, amountMinor: 10_000 }),
    ]);
    expect((await submissions()).slice(2)).toMatchObject([
      { team: 'North', owner: null, actualMinor: 6000, accuracy: 1, bias: 0 },
      { team: null, owner: null, submittedBy: past.rest.me.user.id, actualMinor: 8000, accuracy: 0.75, bias: 0.25 },
    ]);
  });

  test('of which nothing was won has no accuracy: there is nothing to divide by', async () => {
    await past.happened([submitted('2025-01-15', { ownerId: past.rest.me.user.id, amountMinor: 1 })]);
    expect((await submissions()).at(-1)).toMatchObject({ actualMinor: 0, accuracy: null, bias: null });
  });
});
