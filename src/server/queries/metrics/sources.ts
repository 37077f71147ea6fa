import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, currenciesOf, summed } from '../analytics/cells.ts';
import { closings } from '../analytics/deals-at.ts';
import type { AnalyticsFilter } from '../analytics/filter.ts';
import { leadsAt } from '../analytics/leads-at.ts';
import { metric } from '../analytics/metric.ts';
import { inTimes, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface SourceRow {
  readonly source: string | null;
  /** Leads that were created in the period. */
  readonly leads: number;
  /** Of those, what was converted by the moment. */
  readonly conversion: Rate;
  /** Deals that were won in the period: with the source of their lead, where they came from one, else their own. */
  readonly won: number;
  readonly currency: string;
  readonly wonAmountMinor: number;
}
export interface SourcesAnswer extends Asked {
  readonly touch: 'first' | 'last';
  /** Most won first. */
  readonly rows: readonly SourceRow[];
}

type Filter = AnalyticsFilter & { readonly touch: 'first' | 'last' };
const KEYS = ['source', 'currency'] as const;
const SUMS = ['leads', 'converted', 'won', 'amount'] as const;
type Row = Cell<(typeof KEYS)[number], (typeof SUMS)[number]>;

/**
 * First touch is what the lead was created with, whatever was said later; last touch is what it said at the moment. Of
 * several leads that were converted into one deal the oldest is its first touch: the deal counts once.
 */
const readSources = async (runner: Runner, question: Question<Filter>): Promise<Row[]> => {
  const column = question.filter.touch === 'first' ? sql`first_source` : sql`source`;
  const everyone = {
    ...question,
    filter: { ...question.filter, ownerId: undefined, teamId: undefined },
  };
  return rowsOf<Row>(
    runner,
    sql`with leads as materialized (select l.lead_id, l.deal_id, l.created_at, l.${column} as source from (${leadsAt(everyone)}) l),
             first_leads as (
               select distinct on (l.deal_id) l.lead_id, l.deal_id, l.source
               from leads l where l.deal_id is not null order by l.deal_id, l.created_at, l.lead_id)
        select l.source, null as currency, count(*) as leads, count(l.converted_at) as converted, 0 as won, 0 as amount
        from (select c.${column} as source, c.created_at, c.converted_at from (${leadsAt(question)}) c) l
        where ${inTimes(question.times, sql`l.created_at`)}
        group by 1
        union all
        select case when o.lead_id is not null then o.source when p.lead_id is not null then p.source else c.source end, c.currency,
               0, 0, count(*), coalesce(sum(c.amount_minor), 0)
        from (${closings(question)}) c
        left join leads o on o.lead_id = c.source_lead_id
        left join first_leads p on p.deal_id = c.deal_id and o.lead_id is null
        where c.outcome = 'won'
        group by 1, 2`,
  );
};

const ask = async (runner: Runner, question: Question<Filter>): Promise<SourcesAnswer> => {
  const cells = await readSources(runner, question);
  const { fallback, currencies } = currenciesOf(
    cells.filter(({ won }) => Number(won) > 0),
    question,
  );
  const rows = summed(
    cells.map((cell) => ({ ...cell, currency: cell.currency ?? fallback })),
    KEYS,
    SUMS,
  ).toSorted((a, b) => b.amount - a.amount || b.won - a.won || b.leads - a.leads || inOrderOf(...KEYS)(a, b));
  return {
    ...askedOf(question, currencies, ['source']),
    touch: question.filter.touch,
    rows: rows.map(({ source, currency, leads, converted, won, amount }) => ({
      source,
      leads,
      conversion: rate(converted, leads, leads),
      won,
      currency: currency ?? fallback,
      wonAmountMinor: amount,
    })),
  };
};

export const sources = metric({
  summary: 'Leads, conversions and won deals by where they came from: at first touch, or as it was said last',
  groups: [],
  extra: { touch: z.enum(['first', 'last']).default('first') },
  answer: answerOf(
    { touch: z.enum(['first', 'last']) },
    {
      source: z.string().nullable(),
      leads: z.int(),
      conversion: rateSchema,
      won: z.int(),
      currency: z.string(),
      wonAmountMinor: z.number(),
    },
  ),
  ask,
});
