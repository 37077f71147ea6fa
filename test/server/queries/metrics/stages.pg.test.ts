import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
const id = Object.fromEntries(
  ['straight', 'skips', 'back', 'lost', 'still', 'gone'].map((name) => [name, uuidv7()]),
) as Record<'straight' | 'skips' | 'back' | 'lost' | 'still' | 'gone', string>;

beforeAll(async () => {
  past = await openPast();
  const { stages } = past;
  const to = (name: string) => ({ stageId: stages[name] });
  const deal = { amountMinor: 1000, currency: 'USD' };
  await past.happened([
    [day('2025-01-01'), 'DealCreated', id.straight, { name: 'Straight', ...deal }],
    [day('2025-01-03'), 'DealStageChanged', id.straight, to('Discovery')],
    [day('2025-01-07'), 'DealStageChanged', id.straight, to('Proposal')],
    [day('2025-01-08'), 'DealStageChanged', id.straight, to('Negotiation')],
    [day('2025-01-11'), 'DealWon', id.straight, {}],
    [day('2025-01-01'), 'DealCreated', id.skips, { name: 'Skips', ...deal }],
    [day('2025-01-05'), 'DealStageChanged', id.skips, to('Negotiation')],
    [day('2025-01-01'), 'DealCreated', id.back, { name: 'Back and forth', ...deal }],
    [day('2025-01-02'), 'DealStageChanged', id.back, to('Discovery')],
    [day('2025-01-04'), 'DealStageChanged', id.back, to('Qualification')],
    [day('2025-01-09'), 'DealStageChanged', id.back, to('Discovery')],
    [day('2025-01-01'), 'DealCreated', id.lost, { name: 'Lost', ...deal }],
    [day('2025-01-06'), 'DealStageChanged', id.lost, to('Discovery')],
    [day('2025-01-10'), 'DealLost', id.lost, { reason: 'price', competitor: 'Acme' }],
    [day('2025-03-01'), 'DealCreated', id.still, { name: 'Later', ...deal }],
    [day('2025-01-01'), 'DealCreated', id.gone, { name: 'Deleted', ...deal }],
    [day('2025-01-02'), 'DealDeleted', id.gone, {}],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

const JANUARY = 'from=2025-01-01&to=2025-02-01';
const conversion = async (query: string, from: string, to: string) => {
  const { conversions } = await past.ask(query);
  return conversions.find(
    (row: { fromStage: string; toStage: string }) => row.fromStage === from && row.toStage === to,
  );
};

describe('the funnel', () => {
  test('counts deals once a stage, however often they came back', async () => {
    expect(rowOf(await past.ask(`funnel?${JANUARY}`), { stage: 'Qualification' })).toMatchObject({ count: 4 });
    expect(rowOf(await past.ask(`funnel?${JANUARY}`), { stage: 'Discovery' })).toMatchObject({ count: 3 });
  });

  test('takes a skipped stage as reached', async () => {
    expect(await conversion(`funnel?${JANUARY}`, 'Qualification', 'Proposal')).toMatchObject({
      value: 2 / 4,
      numerator: 2,
      denominator: 4,
      n: 4,
    });
    expect(await conversion(`funnel?${JANUARY}`, 'Qualification', 'Negotiation')).toMatchObject({ numerator: 2 });
  });

  test('keeps lost deals in the base, and says how many', async () => {
    expect(await conversion(`funnel?${JANUARY}`, 'Discovery', 'Proposal')).toMatchObject({
      numerator: 1,
      denominator: 3,
    });
    expect(rowOf(await past.ask(`funnel?${JANUARY}`), { stage: 'Discovery' })).toMatchObject({
      next: { numerator: 1, denominator: 3 },
      won: { value: 1 / 3 },
      lost: { value: 1 / 3, numerator: 1, denominator: 3 },
    });
  });

  test('looks only at what followed an entry', async () => {
    // By its second entry, the deal that went back has reached no later stage than Discovery.
    expect(await conversion('funnel?from=2025-01-08&to=2025-02-01', 'Discovery', 'Proposal')).toMatchObject({
      numerator: 0,
      denominator: 1,
    });
  });

  test('says of all that entered a stage in the period what was won', async () => {
    expect(await past.ask(`funnel?${JANUARY}`)).toMatchObject({ value: 1 / 4, numerator: 1, denominator: 4, n: 4 });
  });

  test('of a period without entries is no rate', async () => {
    expect(await past.ask('funnel?from=2024-01-01&to=2024-02-01')).toMatchObject({ value: null, denominator: 0 });
  });

  test('knows a deleted deal as of a moment before', async () => {
    const asOf = await past.ask('funnel?clock=occurred&asOf=2025-01-01T12:00:00Z');
    expect(rowOf(asOf, { stage: 'Qualification' })).toMatchObject({ count: 5 });
    expect(rowOf(await past.ask('funnel'), { stage: 'Qualification' })).toMatchObject({ count: 5 });
  });

  test('is told apart by owner', async () => {
    const answer = await past.ask(`funnel?${JANUARY}&groupBy=owner`);
    expect(rowOf(answer, { stage: 'Discovery', ownerId: past.rest.me.user.id })).toMatchObject({ count: 3 });
  });
});

describe('the time in stages', () => {
  test('is exit minus entry of each stay that ended in the period', async () => {
    const row = rowOf(await past.ask(`stage-duration?${JANUARY}`), { stage: 'Discovery' });
    // 4 days straight, 2 back, 4 lost.
    expect(row['visits']).toEqual({ n: 3, meanDays: 10 / 3, p50Days: 4, p90Days: 4 });
    expect(row['perDeal']).toEqual({ n: 3, meanDays: 10 / 3 });
  });

  test('adds up the stays of one deal', async () => {
    const row = rowOf(await past.ask(`stage-duration?${JANUARY}`), { stage: 'Qualification' });
    // 2, 4, 1 + 5, 5 days: five stays of four deals.
    expect(row['visits']).toMatchObject({ n: 5, meanDays: 17 / 5 });
    expect(row['perDeal']).toEqual({ n: 4, meanDays: 17 / 4 });
  });

  test('of stays that go on is their age at the moment', async () => {
    const answer = await past.ask('stage-duration?clock=occurred&asOf=2025-01-10T00:00:00Z');
    expect(rowOf(answer, { stage: 'Negotiation' })['open']).toMatchObject({ n: 2, meanDays: (5 + 2) / 2 });
    expect(rowOf(answer, { stage: 'Discovery' })['open']).toMatchObject({ n: 2, p50Days: (1 + 4) / 2 });
  });

  test('calls rotten what nobody touched for longer than the stage allows', async () => {
    const { stages, pipelineId } = past;
    const before = rowOf(await past.ask('stage-duration'), { stage: 'Negotiation' });
    expect(before['rotten']).toBeNull();
    await past.happened([
      [new Date().toISOString(), 'StageChanged', pipelineId, { stageId: stages['Negotiation'], rottenAfterDays: 10 }],
    ]);
    const asOf = 'stage-duration?clock=occurred&asOf=';
    expect(rowOf(await past.ask(`${asOf}2025-01-14T00:00:00Z`), { stage: 'Negotiation' })['rotten']).toMatchObject({
      numerator: 0,
      denominator: 1,
    });
    expect(rowOf(await past.ask(`${asOf}2025-01-16T00:00:00Z`), { stage: 'Negotiation' })['rotten']).toMatchObject({
      value: 1,
    });
    await past.happened([
      [
        day('2025-01-12'),
        'CallLogged',
        uuidv7(),
        { about: { type: 'deal', id: id.skips }, direction: 'out', startedAt: day('2025-01-12') },
      ],
    ]);
    expect(rowOf(await past.ask(`${asOf}2025-01-16T00:00:00Z`), { stage: 'Negotiation' })['rotten']).toMatchObject({
      value: 0,
    });
  });
});

describe('losses', () => {
  test('name reason, stage lost from and competitor', async () => {
    expect(await past.ask('losses')).toMatchObject({
      count: 1,
      amountMinor: 1000,
      rows: [{ reason: 'price', stage: 'Discovery', competitor: 'Acme', currency: 'USD', count: 1, amountMinor: 1000 }],
    });
  });

  test('of a deal reopened since are those of the moment', async () => {
    const before = await past.ask('losses?clock=occurred&asOf=2025-01-20');
    await past.happened([
      [day('2025-02-01'), 'DealReopened', id.lost, { stageId: past.stages['Proposal'], reason: 'they came back' }],
    ]);
    expect(await past.ask('losses')).toMatchObject({ count: 0, rows: [] });
    expect(await past.ask('losses?clock=occurred&asOf=2025-01-20')).toEqual(before);
    expect(before).toMatchObject({ rows: [{ reason: 'price', stage: 'Discovery', competitor: 'Acme' }] });
  });
});
