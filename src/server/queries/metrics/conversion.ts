import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, summed } from '../analytics/cells.ts';
import type { AnalyticsFilter } from '../analytics/filter.ts';
import { groupingOf } from '../analytics/grouping.ts';
import { leadsAt, refuseDealFilters } from '../analytics/leads-at.ts';
import { metric } from '../analytics/metric.ts';
import { inTimes, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

/** Of the leads of a cohort, or of those created in the period, what was converted. */
export interface LeadsAnswer extends Asked, Rate {
  readonly view: 'cohort' | 'period';
  readonly rows: readonly (Rate & Readonly<Record<string, unknown>>)[];
}

type Filter = AnalyticsFilter & { readonly view: 'cohort' | 'period' };
const SUMS = ['numerator', 'denominator'] as const;
type Row = Cell<'key' | 'name', (typeof SUMS)[number]>;

/**
 * Leads by when they occurred on either clock: a lead's creation and conversion have one time each. As a cohort: of the
 * leads created in the period, those converted by the moment. As a period: conversions of it over creations of it.
 */
const readConversions = async (runner: Runner, question: Question<Filter>): Promise<Row[]> => {
  const { groupBy, view } = question.filter;
  const grouping = groupingOf(question, groupBy, 'counted_at');
  const created = sql`select 0 as numerator, 1 as denominator, l.created_at as counted_at, l.owner_id, l.team_id, l.first_source as source
    from (${leadsAt(question)}) l where ${inTimes(question.times, sql`l.created_at`)}`;
  const converted =
    view === 'cohort'
      ? sql`select 1, 0, l.created_at, l.owner_id, l.team_id, l.first_source from (${leadsAt(question)}) l
            where l.converted_at is not null and ${inTimes(question.times, sql`l.created_at`)}`
      : sql`select 1, 0, l.converted_at, l.owner_id, l.team_id, l.first_source from (${leadsAt(question)}) l
            where l.converted_at is not null and ${inTimes(question.times, sql`l.converted_at`)}`;
  return rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.numerator, g.denominator
        from (
          select c.key, sum(c.numerator) as numerator, sum(c.denominator) as denominator
          from (select ${grouping.key} as key, c.numerator, c.denominator from (${created} union all ${converted}) c) c
          group by c.key) g`,
  );
};

const rateOf = (row: { numerator: number; denominator: number } | undefined): Rate =>
  rate(row?.numerator ?? 0, row?.denominator ?? 0, row?.denominator ?? 0);

const ask = async (runner: Runner, question: Question<Filter>): Promise<LeadsAnswer> => {
  refuseDealFilters(question);
  const { groupBy, view } = question.filter;
  const rows = summed(await readConversions(runner, question), ['key', 'name'], SUMS).toSorted(inOrderOf('key'));
  const [all] = summed(
    rows.map(({ numerator, denominator }) => ({ numerator, denominator })),
    [],
    SUMS,
  );
  const grouping = groupingOf(question, groupBy, 'counted_at');
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    view,
    ...rateOf(all),
    rows: groupBy === undefined ? [] : rows.map((row) => ({ ...grouping.fields(row.key, row.name), ...rateOf(row) })),
  };
};

export const conversion = metric({
  summary: 'Leads that were converted: of a cohort (view=cohort), or of a period (view=period); by first-touch source',
  groups: ['owner', 'team', 'source', 'month', 'quarter', 'year'],
  extra: { view: z.enum(['cohort', 'period']).default('cohort') },
  answer: answerOf({ view: z.enum(['cohort', 'period']), ...rateSchema.shape }, rateSchema.shape),
  ask,
});
