import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, type Happened, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let open: PastBench;
let position = 0;

const deal = (closed: Happened[1] | null, to: string, data: object): Happened[] => {
  const id = uuidv7();
  const end: Happened[] =
    closed === null ? [] : [[day(to), closed, id, closed === 'DealLost' ? { reason: 'price' } : {}]];
  return [[day('2025-02-01'), 'DealCreated', id, { name: 'Deal', ...data }], ...end];
};

beforeAll(async () => {
  open = await openPast();
  const [lead, won, contact] = [uuidv7(), uuidv7(), uuidv7()];
  const euros = { amountMinor: 200, currency: 'EUR' };
  position = await open.happened([
    [day('2025-01-01'), 'LeadCreated', lead, { name: 'Ada' }],
    [day('2025-01-11'), 'ContactCreated', contact, { name: 'Ada' }],
    [day('2025-01-11'), 'DealCreated', won, { name: 'D', sourceLeadId: lead, amountMinor: 600, currency: 'EUR' }],
    [day('2025-01-11'), 'LeadConverted', lead, { contactId: contact, dealId: won }],
    [day('2025-01-21'), 'DealWon', won, {}],
    ...deal('DealWon', '2025-02-03', euros),
    ...deal('DealWon', '2025-02-04', {}),
    ...deal('DealLost', '2025-12-01', euros),
    ...deal(null, '', { amountMinor: 5000, currency: 'EUR' }),
  ]);
});
afterAll(() => open[Symbol.asyncDispose]());

test('the cycle of deals and the way from the lead are two numbers, of won deals alone', async () => {
  expect(await open.ask('cycle')).toMatchObject({
    dealCycle: { meanDays: 5, medianDays: 3, n: 3 },
    leadToWon: { meanDays: 20, medianDays: 20, n: 1 },
  });
});

test('the average deal is of won deals, the open one is another number, and no amount is not 0', async () => {
  expect(await open.ask('cycle')).toMatchObject({
    averageDeal: { value: 400, numerator: 800, denominator: 2 },
    avgOpenDeal: { value: 5000, numerator: 5000, denominator: 1 },
  });
  expect((await open.ask('velocity'))['averageDeal']).toMatchObject({ value: 400, denominator: 2 });
});

test('nothing won is no cycle, and no average', async () => {
  expect(await open.ask('cycle?from=2025-03-01')).toMatchObject({
    dealCycle: { meanDays: null, medianDays: null, n: 0 },
    leadToWon: { meanDays: null, n: 0 },
    averageDeal: { value: null, denominator: 0 },
  });
});

test('as of a past moment, on either clock, and by owner', async () => {
  expect(await open.ask('cycle?clock=occurred&asOf=2025-01-31')).toMatchObject({ dealCycle: { meanDays: 10, n: 1 } });
  expect(await open.ask(`cycle?asOf=${position}`)).toMatchObject({ leadToWon: { meanDays: 20 }, dealCycle: { n: 3 } });
  expect(rowOf(await open.ask('cycle?groupBy=owner'), { owner: 'Ada' })).toMatchObject({
    dealCycle: { medianDays: 3 },
    averageDeal: { value: 400 },
  });
});
