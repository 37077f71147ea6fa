import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
beforeAll(async () => {
  past = await openPast();
});
afterAll(() => past[Symbol.asyncDispose]());

test('a win that was undone is none in the funnel, and the loss that followed counts', async () => {
  const id = uuidv7();
  const stageId = past.stages['Qualification'];
  const before = await past.happened([
    [day('2025-01-01'), 'DealCreated', id, { name: 'Deal' }],
    [day('2025-01-02'), 'DealWon', id, {}],
  ]);
  const first = { stage: 'Qualification' };
  expect(rowOf(await past.ask('funnel'), first)).toMatchObject({ next: { value: 1 }, won: { value: 1 } });
  await past.happened([[day('2025-01-03'), 'DealReopened', id, { stageId }]]);
  expect(rowOf(await past.ask('funnel'), first)).toMatchObject({ next: { value: 0 }, won: { value: 0 } });
  await past.happened([[day('2025-01-04'), 'DealLost', id, { reason: 'price' }]]);
  expect(rowOf(await past.ask('funnel'), first)).toMatchObject({ won: { value: 0 }, lost: { value: 1 } });
  expect(rowOf(await past.ask(`funnel?asOf=${before}`), first)).toMatchObject({
    won: { value: 1 },
    lost: { value: 0 },
  });
});

test('a deal that two leads were converted into counts once, with the source of the older', async () => {
  const [deal, one, two, contact] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  await past.happened([
    [day('2025-03-01'), 'LeadCreated', one, { name: 'One', source: 'call' }],
    [day('2025-03-02'), 'LeadCreated', two, { name: 'Two', source: 'mail' }],
    [day('2025-03-03'), 'ContactCreated', contact, { name: 'One' }],
    [day('2025-03-03'), 'DealCreated', deal, { name: 'D', amountMinor: 70, currency: 'EUR' }],
    [day('2025-03-04'), 'LeadConverted', two, { contactId: contact, dealId: deal }],
    [day('2025-03-05'), 'LeadConverted', one, { contactId: contact, dealId: deal }],
    [day('2025-03-06'), 'DealWon', deal, {}],
  ]);
  const answer = await past.ask('sources?from=2025-03-01&to=2025-04-01');
  expect(answer['rows'].reduce((sum: number, row: { won: number }) => sum + row.won, 0)).toBe(1);
  expect(rowOf(answer, { source: 'call', currency: 'EUR' })).toMatchObject({ won: 1, wonAmountMinor: 70 });
  expect(await past.ask('cycle?from=2025-03-01')).toMatchObject({
    leadToWon: { n: 1, meanDays: 5 },
    dealCycle: { n: 1 },
  });
});

test('as recorded stages keep the names, the order and the limits of then, whatever is done to the pipeline since', async () => {
  const { stages, pipelineId } = past;
  const id = uuidv7();
  const position = await past.happened([
    [day('2025-05-01'), 'DealCreated', id, { name: 'Deal' }],
    [day('2025-05-02'), 'DealStageChanged', id, { stageId: stages['Proposal'] }],
  ]);
  const metrics = ['pipeline', 'funnel', 'stage-duration', 'losses'];
  const answers = () => Promise.all(metrics.map((metric) => past.ask(`${metric}?asOf=${position}`)));
  const before = await answers();
  const now = new Date().toISOString();
  const order = ['Proposal', 'Discovery', 'Qualification', 'Negotiation', 'Won', 'Lost'];
  await past.happened([
    [now, 'StagesReordered', pipelineId, { stageIds: order.map((name) => stages[name]) }],
    [now, 'StageChanged', pipelineId, { stageId: stages['Proposal'], name: 'Offer', rottenAfterDays: 1 }],
  ]);
  expect(await answers()).toEqual(before);
  expect((await past.ask('funnel'))['rows'][0]).toMatchObject({ stage: 'Offer' });
});
