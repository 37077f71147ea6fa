import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { closings, openDeals } from '../analytics/deals-at.ts';
import { msBetween } from '../analytics/duration.ts';
import { groupingOf, type Grouping, togetherAndBy } from '../analytics/grouping.ts';
import { leadsAt } from '../analytics/leads-at.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

/** Of won deals, in days. */
export interface CycleDays {
  readonly meanDays: number | null;
  readonly medianDays: number | null;
  readonly n: number;
}

export interface CycleFigures {
  /** From the creation of the deal to its closing. */
  readonly dealCycle: CycleDays;
  /** From the creation of the lead that it came from; deals without one are not in it. */
  readonly leadToWon: CycleDays;
  /** Per won deal with an amount; null over several currencies. */
  readonly averageDeal: Rate | null;
  /** Per open deal with an amount: another number, never mixed with the one above. */
  readonly avgOpenDeal: Rate | null;
}

export interface CycleAnswer extends Asked, CycleFigures {
  readonly rows: readonly CycleFigures[];
}

/** How long it takes to win, and how large deals are. Closings of the period, open deals of the moment. */
const ask = async (runner: Runner, question: Question): Promise<CycleAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const won = sql`select * from (${closings(question)}) c where c.outcome = 'won'`;
  const [times, wonAmounts, openAmounts] = await Promise.all([
    cycleTimes(runner, question, grouping),
    amountsOf(runner, won, grouping),
    amountsOf(runner, openDeals(question), grouping),
  ]);
  const currencies = [...new Set([...wonAmounts, ...openAmounts].map(({ currency }) => currency))].toSorted();
  const figures = (time: Times | undefined, of: (cell: AmountCell) => boolean): CycleFigures => ({
    ...cyclesOf(time),
    averageDeal: averageOf(wonAmounts.filter(of)),
    avgOpenDeal: averageOf(openAmounts.filter(of)),
  });
  const groups = times.filter((time) => !time.together).toSorted(inOrderOf('key'));
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    ...figures(
      times.find(({ together }) => together),
      () => true,
    ),
    rows:
      groupBy === undefined
        ? []
        : groups.map((time) => ({
            ...grouping.fields(time.key, time.name),
            ...figures(time, (cell) => cell.key === time.key),
          })),
  };
};

interface Times {
  readonly key: string | null;
  readonly name: string | null;
  readonly together: boolean;
  readonly n: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly leadN: number;
  readonly leadMean: number | null;
  readonly leadMedian: number | null;
}

const MS_PER_DAY = 86_400_000;
const days = (ms: number | null | undefined): number | null => (typeof ms === 'number' ? ms / MS_PER_DAY : null);

const cyclesOf = (times: Times | undefined): Pick<CycleFigures, 'dealCycle' | 'leadToWon'> => ({
  dealCycle: { meanDays: days(times?.mean), medianDays: days(times?.median), n: times?.n ?? 0 },
  leadToWon: { meanDays: days(times?.leadMean), medianDays: days(times?.leadMedian), n: times?.leadN ?? 0 },
});

const cycleTimes = (runner: Runner, question: Question, grouping: Grouping): Promise<Times[]> => {
  const { key, whole, sets } = togetherAndBy(question, sql`w.key`);
  return rowsOf<Times>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.together,
               g.n, g.mean, g.median, g.lead_n as "leadN", g.lead_mean as "leadMean", g.lead_median as "leadMedian"
        from (
          select ${key} as key, ${whole} as together, count(*) as n, avg(w.ms) as mean,
                 percentile_cont(0.5) within group (order by w.ms) as median,
                 count(w.lead_ms) as lead_n, avg(w.lead_ms) as lead_mean,
                 percentile_cont(0.5) within group (order by w.lead_ms) as lead_median
          from (
            select ${grouping.key} as key, c.cycle_ms::float8 as ms,
                   case when l.created_at is not null
                     then greatest(0, ${msBetween(sql`l.created_at`, sql`c.closed_at`)})::float8 end as lead_ms
            from (${closings(question)}) c left join (${dealLeads(question)}) l on l.closed_deal = c.deal_id
            where c.outcome = 'won') w
          group by grouping sets (${sets})) g`,
  );
};

/** Of each deal the lead that it came from: the one it was made from, else the oldest that was converted into it. */
const dealLeads = (question: Question): Fragment => {
  const leads = leadsAt({ ...question, filter: {} });
  return sql`
    select distinct on (o.closed_deal) o.closed_deal, o.created_at
    from (
      select c.deal_id as closed_deal, 1 as rank, l.lead_id, l.created_at
      from (${closings(question)}) c join (${leads}) l on l.lead_id = c.source_lead_id
      union all
      select l.deal_id, 2, l.lead_id, l.created_at from (${leads}) l where l.deal_id is not null) o
    order by o.closed_deal, o.rank, o.created_at, o.lead_id`;
};

interface AmountCell {
  readonly key: string | null;
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: number;
}

/** Deals without an amount are in no average: nothing written down is not 0. */
const amountsOf = (runner: Runner, deals: Fragment, grouping: Grouping): Promise<AmountCell[]> =>
  rowsOf<AmountCell>(
    runner,
    sql`select ${grouping.text} as key, g.currency, g.count, g.amount_minor::float8 as "amountMinor"
        from (
          select ${grouping.key} as key, c.currency, count(*) as count, sum(c.amount_minor) as amount_minor
          from (${deals}) c where c.amount_minor is not null group by 1, 2) g`,
  );

const averageOf = (cells: readonly AmountCell[]): Rate | null => {
  if (new Set(cells.map(({ currency }) => currency)).size > 1) return null;
  const count = total(cells.map((cell) => cell.count));
  return rate(total(cells.map(({ amountMinor }) => amountMinor)), count, count);
};

const daysSchema = z.strictObject({ meanDays: number, medianDays: number, n: z.int() });
const figures = {
  dealCycle: daysSchema,
  leadToWon: daysSchema,
  averageDeal: rateSchema.nullable(),
  avgOpenDeal: rateSchema.nullable(),
};

export const cycle = metric({
  summary: 'How long deals and leads take to be won, and how large won and open deals are',
  groups: ['owner', 'team', 'pipeline'],
  answer: answerOf(figures, figures),
  ask,
});
