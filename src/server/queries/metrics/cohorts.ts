import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { closings, dealsAt } from '../analytics/deals-at.ts';
import type { AnalyticsFilter } from '../analytics/filter.ts';
import { leadsAt } from '../analytics/leads-at.ts';
import { metric } from '../analytics/metric.ts';
import { inTimes, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface CohortRow {
  /** In which they were created. */
  readonly month: string;
  readonly count: number;
  /** Won by the end of so many months after that one, cumulative. */
  readonly won: readonly (Rate & { readonly monthsLater: number })[];
  /** won / (won + lost) of the cohort, by the moment; of deals. */
  readonly winRate: Rate | null;
}
export interface CohortsAnswer extends Asked {
  readonly by: 'lead' | 'deal';
  readonly rows: readonly CohortRow[];
}

type Filter = AnalyticsFilter & { readonly by: 'lead' | 'deal'; readonly months: number };

/** Members of a cohort that fared alike. */
interface Fate {
  readonly month: string;
  readonly outcome: 'open' | 'won' | 'lost';
  /** From the month of creation to that of the closing; null while open. */
  readonly later: number | null;
  readonly count: number;
}

const MONTHS_MAX = 36;

/** A lead is won with the first of its deals that is: the one it was converted into, and those that name it. */
const wonLeads = (question: Question<Filter>): Fragment => {
  const everyDeal = {
    ...question,
    filter: {},
    period: { clock: 'occurred', from: null, to: null } as const,
  };
  return sql`
    select l.created_at, case when w.closed_at is null then 'open' else 'won' end as outcome, w.closed_at
    from (${leadsAt(question)}) l
    left join (
      select o.lead_id, min(o.closed_at) as closed_at
      from (select c.source_lead_id as lead_id, c.closed_at from (${closings(everyDeal)}) c where c.outcome = 'won' and c.source_lead_id is not null
            union all
            select k.lead_id, c.closed_at from (${closings(everyDeal)}) c
            join (${leadsAt(everyDeal)}) k on k.deal_id = c.deal_id where c.outcome = 'won') o
      group by 1) w on w.lead_id = l.lead_id`;
};

const readFates = async (runner: Runner, question: Question<Filter>): Promise<Fate[]> => {
  const members = question.filter.by === 'lead' ? wonLeads(question) : dealsAt(question);
  const month = (time: Fragment): Fragment => sql`date_trunc('month', ${time} at time zone ${question.timeZone})`;
  return rowsOf<Fate>(
    runner,
    sql`select to_char(g.month, 'YYYY-MM') as month, g.outcome,
               (extract(year from age(g.closed, g.month)) * 12 + extract(month from age(g.closed, g.month)))::integer as later,
               g.count::integer as count
        from (
          select c.month, c.outcome, c.closed, count(*) as count
          from (select ${month(sql`c.created_at`)} as month, c.outcome, ${month(sql`c.closed_at`)} as closed
                from (${members}) c where ${inTimes(question.times, sql`c.created_at`)}) c
          group by 1, 2, 3) g`,
  );
};

const cohortOf = (month: string, fates: readonly Fate[], { by, months }: Filter): CohortRow => {
  const count = total(fates.map((fate) => fate.count));
  const won = fates.filter(({ outcome }) => outcome === 'won');
  const wonBy = (later: number): number =>
    total(won.filter((fate) => (fate.later ?? 0) <= later).map((fate) => fate.count));
  const all = total(won.map((fate) => fate.count));
  const lost = total(fates.filter(({ outcome }) => outcome === 'lost').map((fate) => fate.count));
  return {
    month,
    count,
    won: Array.from({ length: months + 1 }, (_, monthsLater) => ({
      monthsLater,
      ...rate(wonBy(monthsLater), count, count),
    })),
    winRate: by === 'lead' ? null : rate(all, all + lost, all + lost),
  };
};

/** What became of those who came in a month: won by k months later, cumulative. */
const ask = async (runner: Runner, question: Question<Filter>): Promise<CohortsAnswer> => {
  const fates = (await readFates(runner, question)).toSorted(inOrderOf('month'));
  const months = [...new Set(fates.map(({ month }) => month))];
  return {
    ...askedOf(question, [], ['month']),
    by: question.filter.by,
    rows: months.map((month) =>
      cohortOf(
        month,
        fates.filter((fate) => fate.month === month),
        question.filter,
      ),
    ),
  };
};

export const cohorts = metric({
  summary: 'What became of the leads, or deals, created in each month: won by so many months later, cumulative',
  groups: [],
  extra: {
    by: z.enum(['lead', 'deal']).default('lead'),
    months: z.coerce.number().int().min(0).max(MONTHS_MAX).default(12),
  },
  answer: answerOf(
    { by: z.enum(['lead', 'deal']) },
    {
      month: z.string(),
      count: z.int(),
      won: z.array(z.strictObject({ monthsLater: z.int(), ...rateSchema.shape })),
      winRate: rateSchema.nullable(),
    },
  ),
  ask,
});
