import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { must } from '../../src/shared/base/assert.ts';

interface Outcome {
  readonly won: number;
  readonly lost: number;
  readonly won_value: number;
}

/** The reference answers about a sales pipeline, as `golden.json` names them. */
export interface Golden {
  readonly rows: number;
  readonly by_stage: Readonly<Record<string, number>>;
  readonly win_rate: number;
  readonly won_value: number;
  readonly avg_won_deal: number;
  readonly won_cycle_days_mean: number;
  readonly won_cycle_days_median: number;
  readonly lost_cycle_days_mean: number;
  readonly per_agent: Readonly<Record<string, Outcome>>;
  readonly per_manager: Readonly<Record<string, Outcome>>;
  readonly per_region: Readonly<Record<string, Outcome>>;
  readonly per_close_month: Readonly<Record<string, Outcome>>;
  readonly as_of_month_end: Readonly<Record<string, { engaging: number; won_cum: number; lost_cum: number }>>;
}

export interface SalesPipeline {
  readonly csv: string;
  readonly golden: Golden;
}

const DATA = new URL('../../../shared/data/maven-crm-sales/', import.meta.url);
export const MAPPING = new URL('../../scripts/examples/sales-pipeline.json', import.meta.url);

/** The public file beside the checkout; undefined for someone who cloned the project alone. */
export const readRealPipeline = (): SalesPipeline | undefined => {
  if (!existsSync(new URL('golden.json', DATA))) return undefined;
  const read = (name: string) => readFileSync(new URL(name, DATA), 'utf8');
  const golden = JSON.parse(read('golden.json')) as { maven: Golden };
  return { csv: read('sales_pipeline.csv'), golden: golden.maven };
};

type Row = Readonly<Record<string, string>>;

/** The teams of agents, from the mapping that we ship: `Central / Dustin Brinkmann`. */
const teams = (): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(MAPPING, 'utf8')).fields.teamPath.values as Record<string, string>;

const HEADER = 'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value';
const MADE_UP_ROWS = 600;

/** A made-up file with the traps of the real one: `GTXPro`, no account, no dates, value 0 on lost deals. */
export const makeUpPipeline = (): SalesPipeline => {
  const agents = Object.keys(teams());
  const lines = [HEADER];
  for (let n = 0; n < MADE_UP_ROWS; n += 1) {
    const stage = must(['Won', 'Won', 'Lost', 'Engaging', 'Prospecting'][(n * 7) % 5], 'a stage');
    const engaged = new Date(Date.UTC(2016, 9, 20 + ((n * 11) % 400)));
    const closed = new Date(engaged.getTime() + ((n * 13) % 120) * 86_400_000);
    const day = (date: Date) => date.toISOString().slice(0, 10);
    const cells = [
      `OPP${n}`,
      must(agents[n % agents.length], 'an agent'),
      n % 6 === 0 ? 'GTXPro' : 'MG Special',
      n % 5 === 0 ? '' : `Account ${n % 17}`,
      stage,
      stage === 'Prospecting' ? '' : day(engaged),
      stage === 'Won' || stage === 'Lost' ? day(closed) : '',
      stage === 'Won' ? String(40 + ((n * 37) % 5000)) : stage === 'Lost' ? '0' : '',
    ];
    lines.push(cells.join(','));
  }
  const csv = `${lines.join('\n')}\n`;
  return { csv, golden: answersOf(csv) };
};

/** The reference answers, straight from the rows. */
export const answersOf = (csv: string): Golden => {
  const rows = parse(csv, { columns: true }) as Row[];
  const agentTeams = teams();
  const won = rows.filter((row) => row['deal_stage'] === 'Won');
  const lost = rows.filter((row) => row['deal_stage'] === 'Lost');
  const closed = [...won, ...lost];
  const by = (key: (row: Row) => string) =>
    Object.fromEntries([...Map.groupBy(closed, key)].map(([name, group]) => [name, outcomeOf(group)]));
  const team = (row: Row) => (agentTeams[row['sales_agent'] ?? ''] ?? '').split(' / ');
  const wonDays = won.map(cycleDays).toSorted((a, b) => a - b);
  return {
    rows: rows.length,
    by_stage: Object.fromEntries(
      [...Map.groupBy(rows, (row) => row['deal_stage'] ?? '')].map(([name, group]) => [name, group.length]),
    ),
    win_rate: won.length / closed.length,
    won_value: outcomeOf(closed).won_value,
    avg_won_deal: outcomeOf(closed).won_value / won.length,
    won_cycle_days_mean: mean(wonDays),
    won_cycle_days_median: ((wonDays[(wonDays.length - 1) >> 1] ?? 0) + (wonDays[wonDays.length >> 1] ?? 0)) / 2,
    lost_cycle_days_mean: mean(lost.map(cycleDays)),
    per_agent: by((row) => row['sales_agent'] ?? ''),
    per_manager: by((row) => team(row)[1] ?? ''),
    per_region: by((row) => team(row)[0] ?? ''),
    per_close_month: by((row) => (row['close_date'] ?? '').slice(0, 7)),
    as_of_month_end: Object.fromEntries(MONTH_ENDS.map((end) => [end, asOf(rows, end)])),
  };
};

const outcomeOf = (rows: readonly Row[]): Outcome => {
  const won = rows.filter((row) => row['deal_stage'] === 'Won');
  const value = won.reduce((sum, row) => sum + Number(row['close_value']), 0);
  return { won: won.length, lost: rows.length - won.length, won_value: value };
};

const cycleDays = (row: Row): number =>
  (Date.parse(row['close_date'] ?? '') - Date.parse(row['engage_date'] ?? '')) / 86_400_000;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** November 2016 to December 2017. */
const MONTH_ENDS = Array.from({ length: 14 }, (_, month) =>
  new Date(Date.UTC(2016, 11 + month, 0)).toISOString().slice(0, 10),
);

const asOf = (rows: readonly Row[], end: string): { engaging: number; won_cum: number; lost_cum: number } => {
  const closedBy = (row: Row) => row['close_date'] !== '' && (row['close_date'] ?? '') <= end;
  const engaged = rows.filter((row) => row['engage_date'] !== '' && (row['engage_date'] ?? '') <= end);
  const done = engaged.filter(closedBy);
  const { won, lost } = outcomeOf(done);
  return { engaging: engaged.length - done.length, won_cum: won, lost_cum: lost };
};
