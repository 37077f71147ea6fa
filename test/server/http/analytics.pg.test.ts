import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import type { EventType } from '../../../src/shared/contract/events/registry.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';
import { proposed } from '../../support/workspace.ts';

let rest: RestBench;
let stages: Record<string, string>;
let head = 0;
const north = uuidv7();
const oslo = uuidv7();
const bob = uuidv7();

/** Sends events as a phone that was offline: each at its own time. */
const happened = async (
  events: readonly (readonly [at: string, type: EventType, id: string, data: object])[],
): Promise<void> => {
  const device = rest.me.deviceId;
  const sent = events.map(([at, type, id, data], index) =>
    Object.assign(proposed({ deviceId: device }, type, id, data as never), {
      at: `${at}-${String(index).padStart(4, '0')}-${device}`,
    }),
  );
  const { results } = (await rest.call('POST', '/api/sync', { protocol: 1, events: sent })).json();
  for (const result of results) if (result.status !== 'accepted') throw new Error(JSON.stringify(result));
  head = results.at(-1).position;
};

const ask = async (query: string): Promise<Json> =>
  rest.ok(200, 'GET', `/api/analytics/${query}`, undefined, { 'x-min-position': String(head) });
const rowOf = (answer: Json, fields: Json): Json =>
  answer['rows'].find((row: Json) => Object.entries(fields).every(([k, v]) => row[k] === v));

const day = (text: string): string => `${text}T00:00:00.000Z`;
const [won, lost, open, late] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()] as [string, string, string, string];

beforeAll(async () => {
  rest = await openRest();
  const { items } = await rest.ok(200, 'GET', '/api/pipelines');
  stages = Object.fromEntries(items[0].stages.map(({ name, id }: { name: string; id: string }) => [name, id]));
  const money = { currency: 'EUR' };
  await happened([
    [day('2025-01-01'), 'TeamCreated', north, { name: 'North' }],
    [day('2025-01-01'), 'TeamCreated', oslo, { name: 'Oslo', parentId: north }],
    [day('2025-01-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }],
    [
      day('2025-01-01'),
      'DealCreated',
      won,
      { name: 'Won', amountMinor: 1000, ...money, ownerId: bob, teamId: oslo, source: 'web' },
    ],
    [day('2025-01-05'), 'DealStageChanged', won, { stageId: stages['Proposal'] }],
    [day('2025-01-11'), 'DealWon', won, {}],
    [day('2025-02-01'), 'DealCreated', lost, { name: 'Lost', amountMinor: 3000, ...money, source: 'fair' }],
    [day('2025-02-21'), 'DealLost', lost, { reason: 'price' }],
    [day('2025-01-01'), 'DealCreated', open, { name: 'Open', amountMinor: 333, ...money, ownerId: bob, teamId: oslo }],
    [day('2025-01-01'), 'DealCreated', late, { name: 'Late' }],
  ]);
});
afterAll(() => rest[Symbol.asyncDispose]());

describe('the pipeline', () => {
  test('has a row for every open stage, empty ones too, and rounds the weighted sum once', async () => {
    const answer = await ask('pipeline');
    expect(answer['rows'].map((row: Json) => row['stage'])).toEqual([
      'Qualification',
      'Discovery',
      'Proposal',
      'Negotiation',
    ]);
    expect(rowOf(answer, { stageId: stages['Qualification'] })).toMatchObject({
      count: 2,
      amountMinor: 333,
      weightedMinor: 33,
    });
    expect(rowOf(answer, { stage: 'Proposal' })).toMatchObject({
      count: 0,
      amountMinor: 0,
      weightedMinor: 0,
      currency: 'EUR',
    });
    expect(answer).toMatchObject({ count: 2, amountMinor: 333, currency: 'EUR', asOf: null, groupedBy: [] });
  });

  test('is told apart by owner and team, with the names of both', async () => {
    const mine = { count: 1, amountMinor: 333, weightedMinor: 33, stageId: stages['Qualification'] };
    const byOwner = await ask('pipeline?groupBy=ownerId');
    expect(byOwner).toMatchObject({ count: 2, amountMinor: 333, groupedBy: ['owner'] });
    expect(byOwner['rows']).toHaveLength(2);
    expect(rowOf(byOwner, { ownerId: bob })).toMatchObject({ owner: 'Bob', stage: 'Qualification', ...mine });
    expect(await ask('pipeline?groupBy=owner')).toEqual(byOwner);
    const byTeam = await ask('pipeline?groupBy=teamId');
    expect(rowOf(byTeam, { teamId: oslo })).toMatchObject({ team: 'Oslo', ...mine });
    expect(rowOf(byTeam, { teamId: null })).toMatchObject({ team: null, count: 1 });
  });

  test.each([
    ['pipeline', 'pipeline'],
    ['pipelineId', 'pipeline'],
    ['stage', 'stage'],
    ['stageId', 'stage'],
    ['currency', 'currency'],
  ])('grouped by %s has the rows it has anyway', async (groupBy, group) => {
    const { rows } = await ask('pipeline');
    expect(await ask(`pipeline?groupBy=${groupBy}`)).toMatchObject({ rows, groupedBy: [group] });
  });

  test('as it was when things happened', async () => {
    const january = await ask('pipeline?clock=occurred&asOf=2025-01-06');
    expect(rowOf(january, { stage: 'Proposal' })).toMatchObject({ count: 1, amountMinor: 1000, weightedMinor: 500 });
    expect(january['count']).toBe(3);
    expect((await ask(`pipeline?clock=occurred&asOf=${day('2025-01-11')}`))['count']).toBe(3);
    expect((await ask('pipeline?clock=occurred&asOf=2025-01-11'))['count']).toBe(2);
    expect((await ask('pipeline?clock=occurred&asOf=2024-12-31'))['count']).toBe(0);
  });

  test('as it was recorded never changes, whatever comes late', async () => {
    const before = head;
    const recorded = await ask(`pipeline?asOf=${before}`);
    await happened([[day('2025-01-02'), 'DealStageChanged', late, { stageId: stages['Discovery'] }]]);
    expect(await ask(`pipeline?asOf=${before}`)).toEqual(recorded);
    expect(rowOf(recorded, { stage: 'Qualification' })['count']).toBe(2);
    expect(rowOf(await ask('pipeline'), { stage: 'Discovery' })['count']).toBe(1);
    expect(rowOf(await ask('pipeline?clock=occurred&asOf=2025-01-03'), { stage: 'Discovery' })['count']).toBe(1);
    expect((await ask('pipeline?asOf=2025-06-01T00:00:00Z'))['count']).toBe(0);
  });
});

describe('the win rate', () => {
  test('counts won over won and lost, by count and by value', async () => {
    expect(await ask('win-rate')).toMatchObject({
      value: 0.5,
      numerator: 1,
      denominator: 2,
      n: 2,
      byValue: { value: 0.25, numerator: 1000, denominator: 4000, n: 2 },
      currency: 'EUR',
      rows: [],
    });
  });

  test('of a period without closings is no rate', async () => {
    expect(await ask('win-rate?from=2025-03-01')).toMatchObject({ value: null, numerator: 0, denominator: 0, n: 0 });
  });

  test('counts half-open periods', async () => {
    expect((await ask('win-rate?from=2025-01-11&to=2025-02-21'))['denominator']).toBe(1);
    expect((await ask('win-rate?from=2025-01-12&to=2025-02-22'))['denominator']).toBe(1);
    expect((await ask('win-rate?from=2025-01-11&to=2025-01-11'))['denominator']).toBe(0);
  });

  test('groups by owner, team, month and source, with names', async () => {
    expect(rowOf(await ask('win-rate?groupBy=owner'), { ownerId: bob })).toMatchObject({
      owner: 'Bob',
      value: 1,
      currency: 'EUR',
    });
    expect(await ask('win-rate?groupBy=ownerId')).toEqual(await ask('win-rate?groupBy=owner'));
    expect(rowOf(await ask('win-rate?groupBy=team'), { teamId: oslo })).toMatchObject({ team: 'Oslo', numerator: 1 });
    expect((await ask('win-rate?groupBy=month'))['rows'].map((row: Json) => [row['month'], row['numerator']])).toEqual([
      ['2025-01', 1],
      ['2025-02', 0],
    ]);
    expect(rowOf(await ask('win-rate?groupBy=source'), { source: 'fair' })).toMatchObject({ value: 0, n: 1 });
  });

  test('of a team counts the teams below it', async () => {
    expect((await ask(`win-rate?teamId=${north}`))['n']).toBe(1);
    expect((await ask(`win-rate?teamId=${uuidv7()}`))['n']).toBe(0);
    expect((await ask(`win-rate?ownerId=${bob}&currency=EUR`))['n']).toBe(1);
  });

  test('as of a past moment knows only what was closed by then, on either clock', async () => {
    expect(await ask('win-rate?clock=occurred&asOf=2025-02-01')).toMatchObject({ value: 1, n: 1 });
    expect((await ask('win-rate?asOf=2025-06-01'))['n']).toBe(0);
    expect((await ask(`win-rate?asOf=${head}`))['n']).toBe(2);
    expect((await ask('win-rate?clock=recorded&to=2025-06-01'))['n']).toBe(0);
    expect((await ask('win-rate?clock=recorded&from=2025-06-01'))['n']).toBe(2);
  });
});

test('velocity multiplies open deals, average deal and win rate over the mean cycle', async () => {
  expect(await ask('velocity')).toMatchObject({
    value: (2 * 1000 * 0.5) / 10,
    openDeals: 2,
    averageDeal: { value: 1000, numerator: 1000, denominator: 1 },
    winRate: { value: 0.5 },
    cycle: { won: { meanDays: 10, medianDays: 10, n: 1 }, lost: { meanDays: 20, medianDays: 20, n: 1 } },
  });
  expect(rowOf(await ask('velocity?groupBy=owner'), { ownerId: bob })).toMatchObject({
    openDeals: 1,
    winRate: { value: 1 },
  });
});

test('the leaderboard gives a closing to who owned the deal then', async () => {
  await rest.ok(200, 'PATCH', `/api/deals/${won}`, { ownerId: null, teamId: null });
  const { items } = await rest.ok(200, 'GET', `/api/deals/${won}/history`);
  head = items.at(-1).position;
  for (const query of ['leaderboard', `leaderboard?asOf=${head}`, 'leaderboard?clock=occurred&asOf=2025-03-01']) {
    const [first] = (await ask(query))['rows'];
    expect(first).toMatchObject({
      ownerId: bob,
      owner: 'Bob',
      won: 1,
      lost: 0,
      wonAmountMinor: 1000,
      winRate: { value: 1 },
    });
  }
  expect(rowOf(await ask('leaderboard?groupBy=team'), { teamId: oslo })).toMatchObject({ team: 'Oslo', won: 1 });
});

test.each([
  ['win-rate?asOf=2999-01-01', 'asOf'],
  ['pipeline?asOf=99999999', 'asOf'],
  ['pipeline?asOf=3&clock=occurred', 'asOf'],
  ['pipeline?groupBy=month', 'groupBy'],
  ['win-rate?groupBy=stage', 'groupBy'],
  ['win-rate?groupBy=weather', 'groupBy'],
  ['win-rate?from=2025-02-01&to=2025-01-01', 'to'],
  ['win-rate?from=soon', 'from'],
  ['win-rate?clock=atomic', 'clock'],
  ['win-rate?currency=euro', 'currency'],
  ['leaderboard?groupBy=month', 'groupBy'],
  ['velocity?teamId=north', 'teamId'],
  ['velocity?color=red', 'color'],
])('%s is refused at %s', async (query, path) => {
  const response = await rest.call('GET', `/api/analytics/${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
});

describe('afterwards', () => {
  test('a reopened or deleted deal counts as closed no more, but did at the time', async () => {
    const before = head;
    await rest.ok(200, 'POST', `/api/deals/${won}/reopen`, {});
    const { version } = await rest.ok(200, 'DELETE', `/api/deals/${lost}`);
    const { items } = await rest.ok(200, 'GET', `/api/deals/${lost}/history`);
    head = items[version - 1].position;
    expect((await ask('win-rate'))['n']).toBe(0);
    expect((await ask(`win-rate?asOf=${before}`))['n']).toBe(2);
  });

  test('several currencies are never added up', async () => {
    const [euros, yen] = [uuidv7(), uuidv7()];
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    await happened([
      [yesterday, 'DealCreated', euros, { name: 'E', amountMinor: 100, currency: 'EUR' }],
      [yesterday, 'DealCreated', yen, { name: 'Y', amountMinor: 700, currency: 'JPY' }],
      [yesterday, 'DealWon', euros, {}],
      [yesterday, 'DealWon', yen, {}],
    ]);
    const answer = await ask('win-rate?groupBy=month');
    expect(answer).toMatchObject({
      n: 2,
      byValue: null,
      currency: null,
      currencies: ['EUR', 'JPY'],
      groupedBy: ['month', 'currency'],
    });
    expect(rowOf(answer, { currency: 'JPY' })).toMatchObject({ byValue: { numerator: 700 } });
    expect((await ask('win-rate'))['rows']).toHaveLength(2);
    const byCurrency = await ask('leaderboard?groupBy=currency');
    expect(byCurrency['groupedBy']).toEqual(['currency']);
    expect(byCurrency['rows'].map((row: Json) => [row['currency'], row['wonAmountMinor']])).toEqual([
      ['JPY', 700],
      ['EUR', 100],
    ]);
    expect(await ask('win-rate?groupBy=currency')).toMatchObject({ groupedBy: ['currency'], rows: [{}, {}] });
    expect(await ask('win-rate?currency=JPY')).toMatchObject({ n: 1, currency: 'JPY', byValue: { numerator: 700 } });
  });

  test('days are those of the workspace’s time zone', async () => {
    const deal = uuidv7();
    const workspace = rest.me.workspace.id;
    const now = new Date().toISOString();
    await happened([
      [now, 'WorkspaceSettingsChanged', workspace, { timeZone: 'Pacific/Auckland' }],
      [day('2024-01-01'), 'DealCreated', deal, { name: 'Z', amountMinor: 1, currency: 'EUR' }],
      ['2024-01-31T12:00:00.000Z', 'DealWon', deal, {}],
    ]);
    const { rows } = await ask('win-rate?groupBy=month&currency=EUR&to=2024-12-31');
    expect(rows.map((row: Json) => row['month'])).toEqual(['2024-02']);
    expect((await ask('win-rate?from=2024-02-01&to=2024-02-02'))['n']).toBe(1);
  });
});

test('a deal without a team counts for its owner’s', async () => {
  const [team, member, deal] = [uuidv7(), uuidv7(), uuidv7()];
  await happened([
    [day('2025-03-01'), 'TeamCreated', team, { name: 'Bergen' }],
    [day('2025-03-01'), 'UserInvited', member, { name: 'Cid', role: 'rep' }],
    [day('2025-03-01'), 'TeamMemberAdded', team, { userId: member }],
    [day('2025-03-01'), 'DealCreated', deal, { name: 'Won', amountMinor: 700, currency: 'EUR', ownerId: member }],
    [day('2025-03-02'), 'DealWon', deal, {}],
  ]);
  expect((await ask(`win-rate?teamId=${team}`))['numerator']).toBe(1);
  expect(rowOf(await ask('leaderboard?groupBy=team'), { teamId: team })).toMatchObject({ team: 'Bergen', won: 1 });
});

test('a workspace has one stream of its own: another is refused, and changes no number', async () => {
  const device = rest.me.deviceId;
  const second = proposed({ deviceId: device }, 'WorkspaceCreated', uuidv7(), { name: 'Two', baseCurrency: 'ZWL' });
  const { results } = (await rest.call('POST', '/api/sync', { protocol: 1, events: [second] })).json();
  expect(results).toMatchObject([{ status: 'rejected', code: 'forbidden' }]);
});
