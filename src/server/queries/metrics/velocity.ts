import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, number, rateSchema, winRatesSchema } from '../analytics/answer-schemas.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { closedDeals, type GroupSummary, type Summary } from '../analytics/closings-summary.ts';
import { groupMedians, totalMedians, type CycleMedians } from '../analytics/cycle-medians.ts';
import { openDeals } from '../analytics/deals-at.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { askedOf, winRatesOf, type Asked, type WinRates } from '../analytics/asked.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Runner } from '../sql.ts';

/** Closed − created, in days. */
export interface Cycle {
  readonly meanDays: number | null;
  readonly medianDays: number | null;
  readonly n: number;
}

export interface Velocity {
  /** Minor units a day: open deals × average won deal × win rate / mean cycle; null where one of them is. */
  readonly value: number | null;
  readonly currency: string | null;
  readonly openDeals: number;
  /** Won amount over the won deals that have an amount; null over several currencies. */
  readonly averageDeal: Rate | null;
  readonly winRate: WinRates;
  readonly cycle: { readonly won: Cycle; readonly lost: Cycle };
}
export interface VelocityAnswer extends Asked, Velocity {
  readonly currency: string | null;
  readonly rows: readonly (Velocity & Readonly<Record<string, unknown>>)[];
}

/** How much a day the pipeline turns into won business. Closings of the period, open deals of the moment. */
const ask = async (runner: Runner, question: Question): Promise<VelocityAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const [closed, open, all] = await Promise.all([
    closedDeals(runner, question, grouping),
    openCounts(runner, question, grouping),
    totalMedians(runner, question),
  ]);
  const medians =
    closed.groups.length > 1
      ? await groupMedians(runner, question, grouping, closed.fallback)
      : { total: all, of: () => all };
  const currencies = [...new Set([...closed.currencies, ...open.flatMap((row) => row.currency ?? [])])].toSorted();
  const one = currencies.length <= 1;
  const row = (group: GroupSummary) => {
    const { key, name, currency } = group;
    const opened = countOf(open, { key, currency, one });
    return Object.assign(grouping.fields(key, name), velocityOf(group, opened, medians.of(key, currency), true));
  };
  const total = velocityOf(closed.total, sumOf(open), medians.total, one);
  return {
    ...total,
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    rows: groupBy === undefined && one ? [] : closed.groups.map(row),
  };
};

const MS_PER_DAY = 86_400_000;

const cycleOf = (ms: number, n: number, medianMs: number | null): Cycle => ({
  meanDays: n === 0 ? null : ms / n / MS_PER_DAY,
  medianDays: medianMs === null ? null : medianMs / MS_PER_DAY,
  n,
});

const velocityOf = (summary: Summary, open: number, medians: CycleMedians, oneCurrency: boolean): Velocity => {
  const averageDeal = oneCurrency ? rate(summary.wonMinor, summary.wonPriced, summary.wonPriced) : null;
  const winRate = winRatesOf(summary, oneCurrency);
  const won = cycleOf(summary.wonMs, summary.won, medians.won);
  const lost = cycleOf(summary.lostMs, summary.lost, medians.lost);
  const average = averageDeal?.value ?? null;
  const known = average !== null && winRate.value !== null && won.meanDays !== null && won.meanDays > 0;
  return {
    value: known ? (open * average * winRate.value) / won.meanDays : null,
    currency: oneCurrency ? summary.currency : null,
    openDeals: open,
    averageDeal,
    winRate,
    cycle: { won, lost },
  };
};

interface OpenCount {
  readonly key: string | null;
  readonly currency: string | null;
  readonly count: number;
}

const openCounts = (runner: Runner, question: Question, grouping: Grouping): Promise<OpenCount[]> =>
  rowsOf<OpenCount>(
    runner,
    sql`select ${grouping.text} as key, g.currency, g.count
        from (
          select c.key, c.currency, count(*) as count
          from (select ${grouping.key} as key, c.currency from (${openDeals(question)}) c) c
          group by c.key, c.currency) g`,
  );

const sumOf = (rows: readonly OpenCount[]): number => rows.reduce((sum, { count }) => sum + count, 0);

/** Deals without an amount count with the only currency there is. */
const countOf = (
  rows: readonly OpenCount[],
  cell: { key: string | null; currency: string | null; one: boolean },
): number => sumOf(rows.filter(({ key, currency }) => key === cell.key && (cell.one || currency === cell.currency)));

const cycle = z.strictObject({ meanDays: number, medianDays: number, n: z.int() });
const velocitySchema = {
  value: number,
  currency: z.string().nullable(),
  openDeals: z.int(),
  averageDeal: rateSchema.nullable(),
  winRate: winRatesSchema,
  cycle: z.strictObject({ won: cycle, lost: cycle }),
};

export const velocity = metric({
  summary: 'How much a day the pipeline turns into won business',
  groups: ['owner', 'team', 'pipeline'],
  answer: answerOf(velocitySchema, velocitySchema),
  ask,
});
