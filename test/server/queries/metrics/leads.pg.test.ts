import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
const [ann, ben, cat, dan, deal, direct] = Array.from({ length: 6 }, () => uuidv7()) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const bob = uuidv7();
const about = (id: string) => ({ about: { type: 'lead', id } });

beforeAll(async () => {
  past = await openPast();
  await past.happened([
    [day('2025-01-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }],
    [day('2025-01-01'), 'LeadCreated', ann, { name: 'Ann', source: 'web' }],
    [
      '2025-01-01T00:04:00.000Z',
      'CallLogged',
      uuidv7(),
      { ...about(ann), direction: 'out', startedAt: '2025-01-01T00:04:00Z' },
    ],
    [day('2025-01-03'), 'LeadDetailsChanged', ann, { source: 'fair' }],
    [
      day('2025-01-10'),
      'DealCreated',
      deal,
      { name: 'Of Ann', amountMinor: 5000, currency: 'USD', sourceLeadId: ann, source: 'call' },
    ],
    [day('2025-01-10'), 'LeadConverted', ann, { dealId: deal }],
    [day('2025-03-05'), 'DealWon', deal, {}],
    [day('2025-01-02'), 'LeadCreated', ben, { name: 'Ben', source: 'web', ownerId: null }],
    ['2025-01-02T00:20:00.000Z', 'LeadAssigned', ben, { ownerId: bob }],
    // Inbound and not taken: no touch. A note is none either.
    [
      '2025-01-02T00:21:00.000Z',
      'CallLogged',
      uuidv7(),
      { ...about(ben), direction: 'in', durationSec: 0, startedAt: '2025-01-02T00:21:00Z' },
    ],
    ['2025-01-02T00:22:00.000Z', 'NoteAdded', uuidv7(), { ...about(ben), body: 'Call back.' }],
    [
      '2025-01-02T00:50:00.000Z',
      'EmailLogged',
      uuidv7(),
      { ...about(ben), direction: 'out', sentAt: '2025-01-02T00:50:00Z' },
    ],
    [day('2025-01-20'), 'LeadCreated', cat, { name: 'Cat', source: 'fair' }],
    [day('2025-02-01'), 'LeadCreated', dan, { name: 'Dan' }],
    [day('2025-02-15'), 'LeadConverted', dan, {}],
    [day('2025-01-15'), 'DealCreated', direct, { name: 'Direct', amountMinor: 700, currency: 'USD', source: 'fair' }],
    [day('2025-01-20'), 'DealWon', direct, {}],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

describe('lead conversion', () => {
  test('of a cohort is converted over created, however late the conversion', async () => {
    expect(await past.ask('conversion?from=2025-01-01&to=2025-02-01')).toMatchObject({
      view: 'cohort',
      value: 1 / 3,
      numerator: 1,
      denominator: 3,
      n: 3,
    });
  });

  test('of a period is what was converted in it over what was created in it', async () => {
    expect(await past.ask('conversion?view=period&from=2025-02-01&to=2025-03-01')).toMatchObject({
      numerator: 1,
      denominator: 1,
    });
  });

  test('has a path of its own, and is asked nothing about deals', async () => {
    expect(await past.ask('conversion?view=period')).toEqual(await past.ask('conversion?view=period'));
    for (const [query, path] of [
      [`conversion?pipelineId=${past.pipelineId}`, 'pipelineId'],
      ['response-time?currency=EUR', 'currency'],
    ]) {
      const response = await past.rest.call('GET', `/api/analytics/${query}`);
      expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
    }
  });

  test('of a period without new leads is no rate', async () => {
    expect(await past.ask('conversion?from=2024-01-01&to=2024-02-01')).toMatchObject({ value: null, denominator: 0 });
  });

  test('goes by the first touch, whatever was said later', async () => {
    const answer = await past.ask('conversion?groupBy=source');
    expect(rowOf(answer, { source: 'web' })).toMatchObject({ numerator: 1, denominator: 2 });
    expect(rowOf(answer, { source: 'fair' })).toMatchObject({ numerator: 0, denominator: 1 });
  });

  test('as of a past moment knows no later conversion', async () => {
    expect(await past.ask('conversion?clock=occurred&asOf=2025-01-05')).toMatchObject({ numerator: 0, denominator: 2 });
  });
});

describe('sources', () => {
  test('are those of the first touch, the lead’s before the deal’s own', async () => {
    const { rows } = await past.ask('sources');
    expect(rowOf({ rows }, { source: 'web' })).toMatchObject({
      leads: 2,
      conversion: { value: 0.5, numerator: 1, denominator: 2 },
      won: 1,
      wonAmountMinor: 5000,
    });
    expect(rowOf({ rows }, { source: 'fair' })).toMatchObject({ leads: 1, won: 1, wonAmountMinor: 700 });
    expect(rowOf({ rows }, { source: 'call' })).toBeUndefined();
  });

  test('by the last touch are what was said last', async () => {
    const { rows } = await past.ask('sources?touch=last');
    expect(rowOf({ rows }, { source: 'fair' })).toMatchObject({ leads: 2, won: 2, wonAmountMinor: 5700 });
  });
});

describe('cohorts', () => {
  test('of leads are won by so many months later, cumulative', async () => {
    const january = rowOf(await past.ask('cohorts?months=3'), { month: '2025-01' });
    expect(january['count']).toBe(3);
    expect(january['won'].map(({ numerator }: { numerator: number }) => numerator)).toEqual([0, 0, 1, 1]);
    expect(january['won'][2]).toEqual({ monthsLater: 2, value: 1 / 3, numerator: 1, denominator: 3, n: 3 });
  });

  test('of deals have their win rate', async () => {
    const january = rowOf(await past.ask('cohorts?by=deal&months=2'), { month: '2025-01' });
    expect(january).toMatchObject({ count: 2, winRate: { value: 1, numerator: 2, denominator: 2 } });
    expect(january['won'].map(({ value }: { value: number }) => value)).toEqual([0.5, 0.5, 1]);
  });
});

describe('the response time', () => {
  test('is that of the first human touch that goes out, and tells apart who has none', async () => {
    expect(await past.ask('response-time')).toMatchObject({
      n: 2,
      unanswered: 2,
      p50Minutes: 27,
      within5: { value: 0.5, numerator: 1, denominator: 2 },
      within15: { numerator: 1 },
      within60: { numerator: 2 },
    });
  });

  test('is split into the wait for an owner and the reaction', async () => {
    const answer = await past.ask('response-time?from=2025-01-02&to=2025-01-03');
    expect(answer).toMatchObject({ n: 1, p50Minutes: 50, assigned: { p50Minutes: 20 }, reaction: { p50Minutes: 30 } });
  });

  test('of a call from before the lead was written down is at once', async () => {
    const eve = uuidv7();
    await past.happened([
      [day('2025-05-01'), 'LeadCreated', eve, { name: 'Eve' }],
      [
        day('2025-05-01'),
        'CallLogged',
        uuidv7(),
        { ...about(eve), direction: 'out', startedAt: '2025-04-30T23:00:00Z' },
      ],
    ]);
    expect(await past.ask('response-time?from=2025-05-01&to=2025-06-01')).toMatchObject({ n: 1, p50Minutes: 0 });
  });
});

describe('activity', () => {
  test('counts for who did it at the time, not for today’s owner', async () => {
    const planned = uuidv7();
    await past.happened([
      [
        day('2025-06-01'),
        'ActivityScheduled',
        planned,
        { kind: 'meeting', subject: 'Demo', dueAt: '2025-06-02T10:00:00Z', ownerId: bob },
      ],
      [day('2025-06-02'), 'ActivityCompleted', planned, {}],
      [
        day('2025-06-03'),
        'ActivityScheduled',
        uuidv7(),
        { kind: 'task', subject: 'Not done', dueAt: '2025-06-04T10:00:00Z' },
      ],
    ]);
    const answer = await past.ask('activity?groupBy=owner&from=2025-06-01&to=2025-07-01');
    expect(answer).toMatchObject({
      count: 1,
      rows: [
        { ownerId: past.rest.me.user.id, kind: 'meeting', count: 1 },
        { kind: 'task', count: 0 },
      ],
    });
  });

  test('leaves out what was voided, but not as of before', async () => {
    const call = uuidv7();
    const before = await past.happened([
      [
        day('2025-07-01'),
        'CallLogged',
        call,
        { ...about(cat), direction: 'out', durationSec: 60, startedAt: day('2025-07-01') },
      ],
    ]);
    const july = 'activity?from=2025-07-01&to=2025-08-01';
    expect(await past.ask(july)).toMatchObject({
      count: 1,
      rows: [{ kind: 'call', direction: 'out', durationSec: 60 }],
    });
    await past.happened([[day('2025-07-02'), 'ActivityVoided', call, { reason: 'wrong lead' }]]);
    expect(await past.ask(july)).toMatchObject({ count: 0, rows: [] });
    expect(await past.ask(`${july}&asOf=${before}`)).toMatchObject({ count: 1 });
  });
});
