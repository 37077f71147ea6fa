import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRest, type Json, type RestBench } from './support/rest.ts';
import {
  answersOf,
  makeUpPipeline,
  MAPPING,
  readRealPipeline,
  type Golden,
  type SalesPipeline,
} from './support/sales-pipeline.ts';

const real = readRealPipeline();
if (real === undefined) {
  process.stderr.write(
    'notice: ../shared/data is not there; a made-up sales pipeline takes the place of the real one\n',
  );
}
const files: Readonly<Record<string, SalesPipeline>> = {
  'the made-up sales pipeline': makeUpPipeline(),
  ...(real === undefined ? {} : { 'the sales pipeline in ../shared/data': real }),
};

/** To the digits of golden.json. */
const to = (digits: number, value: number): number => Number(value.toFixed(digits));

const rounded = (golden: Golden): Golden => ({
  ...golden,
  win_rate: to(6, golden.win_rate),
  avg_won_deal: to(4, golden.avg_won_deal),
  won_cycle_days_mean: to(6, golden.won_cycle_days_mean),
  lost_cycle_days_mean: to(6, golden.lost_cycle_days_mean),
});

test('with CI=true the real sales pipeline is there', () => {
  expect(process.env['CI'] !== 'true' || real !== undefined).toBe(true);
});

test('the answers that we compute ourselves are those of golden.json', () => {
  for (const { csv, golden } of Object.values(files)) expect(rounded(answersOf(csv))).toEqual(rounded(golden));
});

const importIt = async (rest: RestBench, csv: string): Promise<Json> => {
  const mapping = encodeURIComponent(readFileSync(MAPPING, 'utf8').replaceAll(/\s*\n\s*/g, ''));
  const headers = { authorization: `Bearer ${rest.me.accessToken}`, 'content-type': 'text/csv' };
  const url = `/api/imports?type=deals&mapping=${mapping}`;
  const started = await rest.test.app.inject({ method: 'POST', url, headers, payload: csv });
  expect(started.statusCode, started.payload).toBe(201);
  for (;;) {
    const job = await rest.ok(200, 'GET', String(started.headers['location']));
    if (job['status'] !== 'running') return job;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

/** Won, lost and won value of a row, in whole dollars as golden.json has them. */
const outcome = (rate: Json) => ({
  won: rate['numerator'],
  lost: rate['denominator'] - rate['numerator'],
  won_value: rate['byValue'].numerator / 100,
});
const outcomes = (rows: readonly Json[], name: string) =>
  Object.fromEntries(rows.map((row) => [row[name], outcome(row['winRate'] ?? row)]));
const inStage = (pipeline: Json, stage: string): number =>
  pipeline['rows']
    .filter((row: Json) => row['stage'] === stage)
    .reduce((sum: number, row: Json) => sum + row['count'], 0);

describe.each(Object.entries(files))('of %s', (_, { csv, golden }) => {
  let rest: RestBench;
  beforeAll(async () => {
    rest = await openRest();
    const begun = performance.now();
    const job = await importIt(rest, csv);
    expect(job).toMatchObject({ status: 'completed', counts: { rows: golden.rows, created: golden.rows, refused: 0 } });
    expect(performance.now() - begun).toBeLessThan(60_000);
    await rest.projector.idle();
  }, 120_000);
  afterAll(() => rest[Symbol.asyncDispose]());
  const ask = (metric: string, query = '') => rest.ok(200, 'GET', `/api/analytics/${metric}?${query}`);

  test('every stage has its deals', async () => {
    const pipeline = await ask('pipeline');
    const { won, lost } = outcome(await ask('win-rate'));
    const stages = {
      Won: won,
      Lost: lost,
      Engaging: inStage(pipeline, 'Engaging'),
      Prospecting: inStage(pipeline, 'Prospecting'),
    };
    expect(stages).toEqual(golden.by_stage);
  });

  test('win rate, value, average deal and cycles are the golden ones', async () => {
    const rate = await ask('win-rate');
    const { averageDeal, cycle } = await ask('velocity');
    expect({
      win_rate: to(6, rate['value']),
      won_value: outcome(rate).won_value,
      avg_won_deal: to(4, averageDeal.value / 100),
      won_cycle_days_mean: to(6, cycle.won.meanDays),
      won_cycle_days_median: cycle.won.medianDays,
      lost_cycle_days_mean: to(6, cycle.lost.meanDays),
    }).toEqual({
      win_rate: to(6, golden.win_rate),
      won_value: golden.won_value,
      avg_won_deal: to(4, golden.avg_won_deal),
      won_cycle_days_mean: to(6, golden.won_cycle_days_mean),
      won_cycle_days_median: golden.won_cycle_days_median,
      lost_cycle_days_mean: to(6, golden.lost_cycle_days_mean),
    });
  });

  test('every agent, manager, region and month has its figures', async () => {
    expect(outcomes((await ask('leaderboard'))['rows'], 'owner')).toEqual(golden.per_agent);
    expect(outcomes((await ask('leaderboard', 'groupBy=team'))['rows'], 'team')).toEqual(golden.per_manager);
    expect(outcomes((await ask('win-rate', 'groupBy=month'))['rows'], 'month')).toEqual(golden.per_close_month);
    const { rows } = await rest.test.test.database.owner.query<{ id: string; name: string }>(
      `select stream_id as id, state->>'name' as name from stream where stream_type = 'team' and state->>'parentId' is null`,
    );
    const regions: Json = {};
    for (const { id, name } of rows) regions[name] = outcome(await ask('win-rate', `teamId=${id}`));
    expect(regions).toEqual(golden.per_region);
  });

  test('the other metrics have the same figures where they cover them', async () => {
    const { Won: won = 0, Lost: lost = 0 } = golden.by_stage;
    expect((await ask('losses'))['count']).toBe(lost);
    const cohorts = (await ask('cohorts', 'by=deal&months=36'))['rows'];
    const sum = (of: (row: Json) => number): number => cohorts.reduce((total: number, row: Json) => total + of(row), 0);
    expect(sum((row) => row['count'])).toBe(golden.rows);
    expect(sum((row) => row['won'].at(-1).numerator)).toBe(won);
    expect(sum((row) => row['winRate'].denominator)).toBe(won + lost);
    const sources = (await ask('sources'))['rows'];
    expect(sources.reduce((total: number, row: Json) => total + row['wonAmountMinor'], 0)).toBe(golden.won_value * 100);
    expect(await ask('forecast', 'from=2016-01-01')).toMatchObject({ won, wonAmountMinor: golden.won_value * 100 });
    const funnel = await ask('funnel');
    expect(funnel).toMatchObject({ numerator: won, denominator: golden.rows });
    const waterfall = await ask('waterfall');
    expect(waterfall['won'].count).toBe(won);
    expect(waterfall['lost'].count).toBe(lost);
    expect(waterfall['end'].count).toBe((await ask('pipeline'))['count']);
  });

  test('every month end stands as it occurred, seen from today', async () => {
    const monthEnds: Json = {};
    for (const end of Object.keys(golden.as_of_month_end)) {
      const { won, lost } = outcome(await ask('win-rate', `asOf=${end}&clock=occurred`));
      const engaging = inStage(await ask('pipeline', `asOf=${end}&clock=occurred`), 'Engaging');
      monthEnds[end] = { engaging, won_cum: won, lost_cum: lost };
    }
    expect(monthEnds).toEqual(golden.as_of_month_end);
  });

  test('before the import nothing of it was recorded', async () => {
    const pipeline = await ask('pipeline', 'asOf=4&clock=recorded');
    expect(pipeline['count']).toBe(0);
  });

  test('importing it again changes nothing', async () => {
    const { imports } = rest.test.parts;
    const { principal } = await rest.test.auth.authenticate(`Bearer ${rest.me.accessToken}`);
    const before = await imports.position(principal);
    const job = await importIt(rest, csv);
    expect(job['counts']).toMatchObject({ rows: golden.rows, unchanged: golden.rows });
    expect(await imports.position(principal)).toBe(before);
  }, 120_000);
});
