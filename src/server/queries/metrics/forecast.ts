import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, currenciesOf, type Summed, summed, total } from '../analytics/cells.ts';
import { closings, openDeals } from '../analytics/deals-at.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { quotasOf } from '../analytics/quotas.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { type Submission, submissionsOf } from '../analytics/submissions.ts';
import { type Fragment, type Models, rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

/** Single categories, least certain last; `closed` is what was won in the period. */
const CATEGORIES = ['closed', 'commit', 'best_case', 'pipeline', 'omitted'] as const;
type Category = (typeof CATEGORIES)[number];

export interface ForecastCategory {
  readonly category: Category;
  readonly count: number;
  readonly amountMinor: number;
  /** With all that is more certain: commit = closed + commit; pipeline is what is open; omitted is in none. */
  readonly cumulativeMinor: number | null;
}
export interface Forecast {
  /** Open deals that are expected to close in the period. */
  readonly count: number;
  readonly amountMinor: number | null;
  /** Σ amount × probability, rounded once. */
  readonly weightedMinor: number | null;
  /** Won in the period. */
  readonly won: number;
  readonly wonAmountMinor: number | null;
  /** null over several currencies. */
  readonly categories: readonly ForecastCategory[] | null;
  /** Of the period; null where none covers it. */
  readonly quotaMinor: number | null;
  /** won / quota. */
  readonly attainment: Rate | null;
  /** What is open and not omitted / (quota − won); no value once the quota is reached. */
  readonly coverage: Rate | null;
}
export interface ForecastAnswer extends Asked, Forecast {
  /** For just this period; their accuracy, once it is over. */
  readonly submissions: readonly Submission[];
  readonly rows: readonly (Forecast & Readonly<Record<string, unknown>>)[];
}

const KEYS = ['name', 'key', 'currency', 'category'] as const;
const SUMS = ['count', 'amount', 'weighted'] as const;
type Row = Cell<(typeof KEYS)[number], (typeof SUMS)[number]>;
type Sums = Summed<(typeof KEYS)[number], (typeof SUMS)[number]>;

/** The days of the period in the workspace's time zone; the end is not part of it. */
const expectedIn = ({ times, timeZone }: Question): Fragment => {
  const day = (time: string) => sql`(${time}::timestamptz at time zone ${timeZone})::date`;
  const from = times.from === null ? sql`true` : sql`c.expected_close_date >= ${day(times.from)}`;
  const to = times.to === null ? sql`true` : sql`c.expected_close_date < ${day(times.to)}`;
  return sql`c.expected_close_date is not null and ${from} and ${to}`;
};

const readForecast = (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> =>
  rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.currency, g.category, g.count, g.amount, g.weighted
        from (
          select c.key, c.currency, c.category, count(*) as count, coalesce(sum(c.amount_minor), 0) as amount,
                 coalesce(sum(c.weighted_minor), 0) as weighted
          from (
            select ${grouping.key} as key, c.currency, c.forecast_category as category, c.amount_minor, c.weighted_minor
            from (${openDeals(question)}) c where ${expectedIn(question)}
            union all
            select ${grouping.key}, c.currency, 'won', c.amount_minor, 0
            from (${closings(question)}) c where c.outcome = 'won') c
          group by 1, 2, 3) g`,
  );

const amountOf = (rows: readonly Sums[]): number => total(rows.map(({ amount }) => amount));
const countOf = (rows: readonly Sums[]): number => total(rows.map(({ count }) => count));

const categoriesOf = (rows: readonly Sums[]): ForecastCategory[] => {
  const of = (...names: readonly string[]) => rows.filter(({ category }) => names.includes(category ?? ''));
  // An open deal in the category `closed` counts as surely as one that is won.
  const closed = of('won', 'closed');
  const reaching: Readonly<Record<Category, readonly Sums[] | null>> = {
    closed,
    commit: [...closed, ...of('commit')],
    best_case: [...closed, ...of('commit', 'best_case')],
    pipeline: of('commit', 'best_case', 'pipeline'),
    omitted: null,
  };
  return CATEGORIES.map((category) => {
    const alone = category === 'closed' ? closed : of(category);
    const cumulative = reaching[category];
    return {
      category,
      count: countOf(alone),
      amountMinor: amountOf(alone),
      cumulativeMinor: cumulative === null ? null : amountOf(cumulative),
    };
  });
};

const againstQuota = (
  rows: readonly Sums[],
  quotaMinor: number | null,
): Pick<Forecast, 'quotaMinor' | 'attainment' | 'coverage'> => {
  if (quotaMinor === null) return { quotaMinor, attainment: null, coverage: null };
  const won = rows.filter(({ category }) => category === 'won');
  const open = rows.filter(({ category }) => category !== 'won' && category !== 'omitted');
  const left = Math.max(0, quotaMinor - amountOf(won));
  return {
    quotaMinor,
    attainment: rate(amountOf(won), quotaMinor, countOf(won)),
    coverage: rate(Math.round(amountOf(open)), left, countOf(open)),
  };
};

const forecastOf = (rows: readonly Sums[], oneCurrency: boolean, quotaMinor: number | null): Forecast => {
  const open = rows.filter(({ category }) => category !== 'won');
  const won = rows.filter(({ category }) => category === 'won');
  return {
    count: countOf(open),
    amountMinor: oneCurrency ? amountOf(open) : null,
    weightedMinor: oneCurrency ? Math.round(total(open.map(({ weighted }) => weighted))) : null,
    won: countOf(won),
    wonAmountMinor: oneCurrency ? amountOf(won) : null,
    categories: oneCurrency ? categoriesOf(rows) : null,
    ...againstQuota(rows, quotaMinor),
  };
};

/** What the period may bring: open deals expected to close in it, weighted and by category, beside what is won already. */
const ask = async (models: Models, question: Question): Promise<ForecastAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const [cells, quotas, submissions] = await Promise.all([
    readForecast(models, question, grouping),
    quotasOf(models.postgres, question, groupBy),
    submissionsOf(models.postgres, question),
  ]);
  const { fallback, currencies } = currenciesOf(cells, question);
  const sums = summed(
    cells.map((cell) => ({ ...cell, currency: cell.currency ?? fallback })),
    KEYS,
    SUMS,
  ).toSorted(inOrderOf(...KEYS));
  const one = currencies.length <= 1;
  const groups = Map.groupBy(sums, ({ key, currency }) => JSON.stringify([key, currency]));
  const rows = [...groups.values()].map((group) => {
    const { key = null, name = null, currency } = group[0] ?? {};
    const quota = quotas.of(key, currency ?? fallback);
    return { ...grouping.fields(key, name), currency: currency ?? fallback, ...forecastOf(group, true, quota) };
  });
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    ...forecastOf(sums, one, one ? quotas.total(currencies[0] ?? fallback) : null),
    submissions,
    rows: groupBy === undefined && one ? [] : rows,
  };
};

const category = z.strictObject({
  category: z.enum(CATEGORIES),
  count: z.int(),
  amountMinor: z.number(),
  cumulativeMinor: number,
});
const forecastSchema = {
  count: z.int(),
  amountMinor: number,
  weightedMinor: number,
  won: z.int(),
  wonAmountMinor: number,
  categories: z.array(category).nullable(),
  quotaMinor: number,
  attainment: rateSchema.nullable(),
  coverage: rateSchema.nullable(),
};
const submission = z.looseObject({
  submittedBy: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
  actualMinor: number,
  accuracy: number,
  bias: number,
});

export const forecast = metric({
  summary:
    'What a period may bring: weighted, by category alone and cumulative, beside what is won, the quota and what people said',
  groups: ['owner', 'team', 'pipeline', 'source', 'company', 'currency'],
  answer: answerOf(
    { ...forecastSchema, submissions: z.array(submission) },
    { currency: z.string(), ...forecastSchema },
  ),
  ask,
});
