import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STEPS } from '../../../../src/server/queries/analytics/waterfall-steps.ts';
import { v7 as uuidv7 } from 'uuid';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';
import { balanceOf } from '../../../support/balance.ts';
import type { Json } from '../../../support/rest.ts';

let past: PastBench;
let head = 0;
beforeAll(async () => {
  past = await openPast();
});
afterAll(() => past[Symbol.asyncDispose]());

const ids = new Map<string, string>();
/** The same new id for the same name. */
const id = (name: string): string => {
  if (!ids.has(name)) ids.set(name, uuidv7());
  return ids.get(name) ?? '';
};
const ask = (query: string): Promise<Json> => past.ask(`waterfall?${query}`);

/** The steps that are not empty, as [count, amount]. */
const steps = (answer: Json): Json =>
  Object.fromEntries(
    STEPS.filter((step) => answer[step].count !== 0 || (answer[step].amountMinor ?? 0) !== 0).map((step) => [
      step,
      [answer[step].count, answer[step].amountMinor],
    ]),
  );

const deal = (name: string, amountMinor: number | null, more: object = {}): Json => ({
  name,
  ...(amountMinor === null ? {} : { amountMinor, currency: 'EUR' }),
  ...more,
});

describe('one after the other, in one currency', () => {
  beforeAll(async () => {
    head = await past.happened([
      [day('2025-01-01'), 'TeamCreated', id('north'), { name: 'North' }],
      [day('2025-01-01'), 'UserInvited', id('bob'), { name: 'Bob', role: 'rep' }],
      [day('2025-01-01'), 'UserInvited', id('eve'), { name: 'Eve', role: 'rep' }],
      [day('2025-01-02'), 'DealCreated', id('kept'), deal('Kept', 1000, { ownerId: id('bob'), source: 'web' })],
      [day('2025-01-03'), 'DealCreated', id('no amount'), deal('No amount', null, { source: 'fair' })],
      [day('2025-01-04'), 'DealCreated', id('pushed'), deal('Pushed', 70, { expectedCloseDate: '2025-03-15' })],
      [day('2025-02-02'), 'DealCreated', id('won'), deal('Won', 500, { expectedCloseDate: '2025-03-10' })],
      [day('2025-02-03'), 'DealAmountChanged', id('won'), { amountMinor: 650 }],
      [day('2025-02-04'), 'DealAmountChanged', id('won'), { amountMinor: 600 }],
      [day('2025-02-05'), 'DealWon', id('won'), {}],
      [day('2025-02-06'), 'DealCreated', id('lost'), deal('Lost', 40, { expectedCloseDate: '2025-06-01' })],
      [day('2025-02-07'), 'DealExpectedCloseDateChanged', id('lost'), { expectedCloseDate: '2025-03-31' }],
      [day('2025-02-08'), 'DealLost', id('lost'), { reason: 'price' }],
      [day('2025-02-09'), 'DealAmountChanged', id('no amount'), { amountMinor: 9, currency: 'EUR' }],
      [day('2025-02-10'), 'DealExpectedCloseDateChanged', id('pushed'), { expectedCloseDate: '2025-04-01' }],
      [day('2025-02-11'), 'DealAssigned', id('kept'), { ownerId: id('eve'), teamId: id('north') }],
      [day('2025-03-01'), 'DealReopened', id('won'), { stageId: past.stages['Proposal'] }],
      [day('2025-03-02'), 'DealDeleted', id('kept'), {}],
      [day('2025-03-03'), 'DealRestored', id('kept'), {}],
      [day('2025-03-04'), 'DealDeleted', id('pushed'), {}],
    ]);
  });

  test('start and created and increased − decreased − won − lost = end', async () => {
    const answer = await ask('from=2025-02-01&to=2025-03-01');
    expect(steps(answer)).toEqual({
      start: [3, 1070],
      created: [2, 540],
      increased: [2, 159],
      decreased: [1, 50],
      won: [1, 600],
      lost: [1, 40],
      end: [3, 1079],
    });
    expect(answer).toMatchObject({ currency: 'EUR', closeFrom: null, closeTo: null, rows: [], groupedBy: [] });
  });

  test('a reopened deal comes back with what it was won with; a deleted one leaves and comes back restored', async () => {
    expect(steps(await ask('from=2025-03-01&to=2025-04-01'))).toEqual({
      start: [3, 1079],
      reopened: [1, 600],
      deleted: [2, 1070],
      restored: [1, 1000],
      end: [3, 1609],
    });
  });

  test('of a window of close dates: pulled in when the date comes to lie in it, pushed out when it no longer does', async () => {
    const answer = await ask('from=2025-02-01&to=2025-03-01&closeFrom=2025-03-01&closeTo=2025-04-01');
    expect(steps(answer)).toEqual({
      start: [1, 70],
      created: [1, 500],
      pulledIn: [1, 40],
      increased: [1, 150],
      decreased: [1, 50],
      pushedOut: [1, 70],
      won: [1, 600],
      lost: [1, 40],
    });
    expect(answer).toMatchObject({ closeFrom: '2025-03-01', closeTo: '2025-04-01' });
  });

  test('a deal without an amount counts as a deal and adds nothing; its first amount is an increase', async () => {
    expect(steps(await ask('from=2025-01-03&to=2025-01-04'))).toEqual({
      start: [1, 1000],
      created: [1, 0],
      end: [2, 1000],
    });
    expect(steps(await ask('from=2025-02-09&to=2025-02-10'))).toMatchObject({ increased: [1, 9] });
  });

  test('the period is half-open: what happened at its end belongs to the next one', async () => {
    expect(steps(await ask('from=2025-02-04&to=2025-02-05'))).toEqual({
      start: [4, 1720],
      decreased: [1, 50],
      end: [4, 1670],
    });
    expect(steps(await ask('from=2025-02-05&to=2025-02-05'))).toEqual({ start: [4, 1670], end: [4, 1670] });
  });

  test('assigned to somebody, a deal moves out of one owner’s row and into another’s', async () => {
    const answer = await ask('from=2025-02-11&to=2025-02-12&groupBy=owner');
    expect(steps(answer)).toEqual({ start: [3, 1079], end: [3, 1079] });
    expect(steps(rowOf(answer, { ownerId: id('bob') }) ?? {})).toEqual({ start: [1, 1000], movedOut: [1, 1000] });
    expect(steps(rowOf(answer, { owner: 'Eve' }) ?? {})).toEqual({ movedIn: [1, 1000], end: [1, 1000] });
    const byTeam = await ask('from=2025-02-11&to=2025-02-12&groupBy=team');
    expect(steps(rowOf(byTeam, { team: 'North' }) ?? {})).toEqual({ movedIn: [1, 1000], end: [1, 1000] });
  });

  test('filtered by owner or team, a deal that is assigned away moves out of what is asked for', async () => {
    const period = 'from=2025-02-11&to=2025-02-12';
    expect(steps(await ask(`${period}&ownerId=${id('bob')}`))).toEqual({ start: [1, 1000], movedOut: [1, 1000] });
    expect(steps(await ask(`${period}&ownerId=${id('eve')}`))).toEqual({ movedIn: [1, 1000], end: [1, 1000] });
    expect(steps(await ask(`${period}&teamId=${id('north')}`))).toEqual({ movedIn: [1, 1000], end: [1, 1000] });
  });

  test('without bounds it begins with nothing and ends now', async () => {
    const answer = await ask('');
    expect(answer['start']).toEqual({ count: 0, amountMinor: 0 });
    const { count, amountMinor } = await past.ask('pipeline');
    expect(answer['end']).toEqual({ count, amountMinor });
  });

  test('start and end are what the pipeline says of those moments, for the same filter, on both clocks', async () => {
    const [low, high] = [head - 14, head - 3];
    for (const filter of ['', `&ownerId=${id('bob')}`, `&teamId=${id('north')}`, '&currency=EUR']) {
      const at = async (clock: string, moment: string): Promise<Json> => {
        const { count, amountMinor } = await past.ask(`pipeline?clock=${clock}&asOf=${moment}${filter}`);
        return { count, amountMinor };
      };
      const [from, to] = ['2025-02-01T00:00:00Z', '2025-02-20T00:00:00Z'];
      const occurred = await ask(`from=${from}&to=${to}${filter}`);
      expect(occurred['start']).toEqual(await at('occurred', from));
      expect(occurred['end']).toEqual(await at('occurred', to));
      const recorded = await ask(`clock=recorded&asOf=${high}${filter}`);
      expect(recorded['end']).toEqual(await at('recorded', String(high)));
      expect(balanceOf(await ask(`clock=recorded&asOf=${low}${filter}`))).toEqual([0, 0]);
    }
  });

  test('by source and pipeline, each group balances', async () => {
    for (const groupBy of ['source', 'pipeline', 'owner', 'team', 'currency']) {
      const { rows } = await ask(`from=2025-02-01&to=2025-03-04&groupBy=${groupBy}`);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(balanceOf(row)).toEqual([0, 0]);
    }
    const bySource = await ask('from=2025-02-01&to=2025-02-08&groupBy=source');
    expect(rowOf(bySource, { source: 'web' })).toMatchObject({ start: { count: 1, amountMinor: 1000 } });
  });

  test('as recorded it never changes, whatever comes late', async () => {
    const before = await ask(`clock=recorded&asOf=${head}&groupBy=source`);
    const position = head;
    const occurred = steps(await ask('from=2025-02-01&to=2025-02-02'));
    head = await past.happened([
      [day('2025-02-01'), 'DealAmountChanged', id('no amount'), { amountMinor: 4 }],
      [day('2025-02-01'), 'DealDetailsChanged', id('no amount'), { source: 'web' }],
    ]);
    expect(await ask(`clock=recorded&asOf=${position}&groupBy=source`)).toEqual(before);
    // As occurred the amount came on that day, and the later one still holds.
    expect(steps(await ask('from=2025-02-01&to=2025-02-02'))).toEqual({
      ...occurred,
      increased: [1, 4],
      end: [3, 1074],
    });
    expect(steps(await ask('from=2025-02-09&to=2025-02-10'))).toMatchObject({ increased: [1, 5] });
  });
});

test('of a change of currency the old amount leaves its row and the new one comes into its own', async () => {
  head = await past.happened([
    [day('2025-05-02'), 'DealCreated', id('fx'), deal('FX', 100, { source: 'fx' })],
    [day('2025-05-03'), 'DealCurrencyChanged', id('fx'), { currency: 'JPY', amountMinor: 16_000 }],
    [day('2025-05-04'), 'DealAmountChanged', id('fx'), { amountMinor: 17_000 }],
  ]);
  const answer = await ask('from=2025-05-01&to=2025-06-01');
  expect(answer).toMatchObject({ currency: null, currencies: ['EUR', 'JPY'], groupedBy: ['currency'] });
  expect(steps(answer)).toEqual({
    start: [3, null],
    created: [1, null],
    increased: [1, null],
    end: [4, null],
  });
  expect(steps(rowOf(answer, { currency: 'JPY' }) ?? {})).toEqual({
    movedIn: [1, 16_000],
    increased: [1, 1000],
    end: [1, 17_000],
  });
  expect(steps(rowOf(answer, { currency: 'EUR' }) ?? {})).toMatchObject({ created: [1, 100], movedOut: [1, 100] });
  expect(steps(await ask('from=2025-05-01&to=2025-06-01&currency=JPY'))).toEqual({
    movedIn: [1, 16_000],
    increased: [1, 1000],
    end: [1, 17_000],
  });
});

test.each([
  ['from=2025-02-01&to=2025-01-01', 'to'],
  ['closeFrom=2025-02-01&closeTo=2025-01-01', 'closeTo'],
  ['closeFrom=soon', 'closeFrom'],
  ['from=2025-01-01&asOf=2025-02-01', 'asOf'],
  ['groupBy=month', 'groupBy'],
])('%s is refused at %s', async (query, path) => {
  const response = await past.rest.call('GET', `/api/analytics/waterfall?${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
});
