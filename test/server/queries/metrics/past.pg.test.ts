import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METRICS } from '../../../../src/server/queries/metrics/registry.ts';
import { type Happened, openPast, type PastBench } from '../../../support/past.ts';
import { randomOf } from '../../../support/random-history.ts';
import type { Json } from '../../../support/rest.ts';

const SEED = 20_261_125;
const YEAR_MS = 365 * 86_400_000;
const BEGIN = Date.parse('2024-01-01T00:00:00Z');

let past: PastBench;
const people = [uuidv7(), uuidv7()];
const deals = Array.from({ length: 60 }, () => uuidv7());
const leads = Array.from({ length: 8 }, () => uuidv7());
const random = randomOf(SEED);
const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
const someTime = (): string => new Date(BEGIN + Math.floor(random() * YEAR_MS)).toISOString();
const early = (): string => new Date(BEGIN + Math.floor(random() * YEAR_MS * 0.4)).toISOString();
const someDay = (): string => someTime().slice(0, 10);

const money = () => (random() < 0.2 ? {} : { amountMinor: Math.floor(random() * 10_000), currency: 'USD' });
const creations = (): Happened[] => [
  ...people.map((id): Happened => ['2023-12-01T00:00:00.000Z', 'UserInvited', id, { name: id.slice(-4), role: 'rep' }]),
  ...deals.map((id): Happened => [
    early(),
    'DealCreated',
    id,
    { name: 'Deal', source: pick(['web', 'fair']), expectedCloseDate: someDay(), ...money() },
  ]),
  ...leads.map((id): Happened => [someTime(), 'LeadCreated', id, { name: 'Lead', source: pick(['web', 'fair']) }]),
];

/** Any change at any time; many are refused, since nobody asks what there is. */
const change = (): Happened => {
  const id = pick(deals);
  const stageId = past.stages[pick(['Qualification', 'Discovery', 'Proposal', 'Negotiation'])];
  const changes: readonly Happened[] = [
    [someTime(), 'DealStageChanged', id, { stageId }],
    ...Array.from({ length: 4 }, (): Happened => {
      return [someTime(), 'DealAmountChanged', id, { amountMinor: Math.floor(random() * 10_000), currency: 'USD' }];
    }),
    ...Array.from({ length: 4 }, (): Happened => {
      return [someTime(), 'DealExpectedCloseDateChanged', id, { expectedCloseDate: someDay() }];
    }),
    [someTime(), 'DealAssigned', id, { ownerId: pick([...people, null]) }],
    [someTime(), 'DealDetailsChanged', id, { source: pick(['web', 'fair', 'call']) }],
    [someTime(), 'DealWon', id, {}],
    [someTime(), 'DealLost', id, { reason: pick(['price', 'timing']) }],
    ...Array.from({ length: 3 }, (): Happened => [someTime(), 'DealReopened', id, { stageId }]),
    [someTime(), 'DealDeleted', id, {}],
    ...Array.from({ length: 3 }, (): Happened => [someTime(), 'DealRestored', id, {}]),
    [someTime(), 'LeadAssigned', pick(leads), { ownerId: pick(people) }],
    [someTime(), 'LeadConverted', pick(leads), {}],
    [someTime(), 'LeadDeleted', pick(leads), {}],
    [someTime(), 'LeadDetailsChanged', pick(leads), { source: pick(['web', 'call']) }],
    [
      someTime(),
      'CallLogged',
      uuidv7(),
      { about: { type: 'lead', id: pick(leads) }, direction: 'out', startedAt: someTime() },
    ],
  ];
  return pick(changes);
};
const changes = (count: number): Happened[] => Array.from({ length: count }, change);

beforeAll(async () => {
  past = await openPast();
  await past.attempted(creations());
  for (let round = 0; round < 6; round += 1) await past.attempted(changes(200));
});
afterAll(() => past[Symbol.asyncDispose]());

const COMES = ['created', 'pulledIn', 'increased', 'reopened', 'restored', 'movedIn'];
const LEAVES = ['decreased', 'pushedOut', 'won', 'lost', 'deleted', 'movedOut'];
const sumOf = (row: Json, steps: readonly string[]): number =>
  steps.reduce((sum, step) => sum + row[step]['amountMinor'], 0);
const balances = (row: Json): void =>
  expect(row['start']['amountMinor'] + sumOf(row, COMES) - sumOf(row, LEAVES)).toBe(row['end']['amountMinor']);

const time = fc.integer({ min: 0, max: YEAR_MS }).map((ms) => new Date(BEGIN + ms).toISOString());
const asked = fc.record({
  times: fc.tuple(time, time).map((both) => both.toSorted()),
  window: fc.option(fc.tuple(time, time).map((both) => both.map((at) => at.slice(0, 10)).toSorted())),
  owner: fc.option(fc.constantFrom(...people)),
  groupBy: fc.constantFrom('', '&groupBy=owner', '&groupBy=source'),
});

test(`the waterfall balances to the minor unit on random histories (seed ${SEED})`, async () => {
  const moved = new Set<string>();
  await fc.assert(
    fc.asyncProperty(asked, async ({ times: [from = '', to = ''], window, owner, groupBy }) => {
      const ofOwner = owner === null ? '' : `&ownerId=${owner}`;
      const inWindow = window === null ? '' : `&closeFrom=${window[0]}&closeTo=${window[1]}`;
      const answer = await past.ask(`waterfall?from=${from}&to=${to}${ofOwner}${inWindow}${groupBy}`);
      for (const row of [answer, ...answer['rows']]) balances(row);
      for (const step of [...COMES, ...LEAVES]) if (answer[step]['count'] > 0) moved.add(step);
      if (window !== null) return;
      const atEnd = await past.ask(`pipeline?clock=occurred&asOf=${to}${ofOwner}`);
      expect(answer['end']).toEqual({ count: atEnd['count'], amountMinor: atEnd['amountMinor'] });
    }),
    { seed: SEED, numRuns: 60 },
  );
  // A run in which some movement never occurred would prove nothing of it.
  expect([...moved].toSorted()).toEqual([...COMES, ...LEAVES].toSorted());
});

test('the waterfall balances by what was recorded, too', async () => {
  const moment = new Date().toISOString();
  const before = await past.ask(`pipeline?asOf=${moment}`);
  await past.attempted(changes(200));
  const answer = await past.ask(`waterfall?clock=recorded&from=${moment}`);
  balances(answer);
  expect(answer['start']).toEqual({ count: before['count'], amountMinor: before['amountMinor'] });
  const after = await past.ask('pipeline');
  expect(answer['end']).toEqual({ count: after['count'], amountMinor: after['amountMinor'] });
  expect(sumOf(answer, [...COMES, ...LEAVES])).toBeGreaterThan(0);
});

test('as recorded at a past moment is byte-identical for ever, however late offline events arrive', async () => {
  const position = await past.attempted(changes(20));
  const groups: Readonly<Record<string, readonly string[]>> = {
    pipeline: ['', '&groupBy=owner'],
    'win-rate': ['', '&groupBy=source', '&groupBy=month', '&groupBy=owner'],
    funnel: ['', '&groupBy=source'],
  };
  const queries = Object.keys(METRICS)
    .filter((metric) => metric !== 'waterfall')
    .flatMap((metric) => (groups[metric] ?? ['']).map((group) => `${metric}?asOf=${position}${group}`));
  const answers = async () => Promise.all(queries.map(async (query) => [query, JSON.stringify(await past.ask(query))]));
  const before = await answers();
  for (let round = 0; round < 3; round += 1) {
    await past.attempted(changes(150));
    expect(await answers()).toEqual(before);
  }
});
