import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { holdsAt } from '../analytics/deals-at.ts';
import { groupingOf, type Grouping, togetherAndBy } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import { filterConditions, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { BEFORE, was } from '../analytics/span-before.ts';
import { meetingOf, stretchOf } from '../analytics/stretch.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface Slippage {
  /** How often the expected close date of an open deal was moved to a later day. */
  readonly pushes: number;
  /** By how many days, over those pushes. */
  readonly days: Rate;
  /** Deals that were pushed at all, and three times or more. */
  readonly deals: number;
  readonly dealsPushedOften: number;
  /** Moves to an earlier day, which make up for no push. */
  readonly pulls: number;
  readonly daysPulled: number;
}
export interface SlippageAnswer extends Asked, Slippage {
  readonly rows: readonly (Slippage & Readonly<Record<string, unknown>>)[];
}

/** Counted in the period; sums of bigint are numeric, which arrives as text. */
type Row = Readonly<
  Record<'pushes' | 'days' | 'deals' | 'dealsPushedOften' | 'pulls' | 'daysPulled', number | string>
> & {
  readonly whole: boolean;
  readonly key: string | null;
  readonly name: string | null;
};

/** From here on a close date is no forecast any more. */
const OFTEN = 3;

/** A deal that is deleted at the moment counts no more, whatever happened to it before. */
const deletedDeals = ({ viewer, view }: Question): Fragment => sql`
  select d.deal_id from ${readModel('deal_history')} d
  where d.workspace_id = ${viewer.workspaceId}::uuid and ${holdsAt(view, 'd')} and d.deleted`;

/** The moves of close dates in the period, each by its days; from or to no date at all is no move. */
const moves = (question: Question, grouping: Grouping): Fragment => {
  const stretch = stretchOf(question);
  const { met, begun } = meetingOf(stretch, 'h');
  const at = stretch.clock === 'recorded' ? sql`h.from_recorded_at` : sql`h.from_at`;
  return sql`
    select c.deal_id, ${grouping.key} as key, c.expected_close_date - c.was_expected as days
    from (
      select h.*, ${at} as at, ${begun} as begun, ${was('expected_close_date')} as was_expected
      from ${readModel('deal_history')} h
      where ${withVisible(question.viewer, 'h', 'deal_id')} and ${met}
      window ${BEFORE}) c
    where c.begun and c.expected_close_date <> c.was_expected and c.outcome = 'open' and not c.deleted
      and ${filterConditions(question, 'c')} and c.deal_id not in (${deletedDeals(question)})`;
};

const readSlippage = (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> => {
  const { key, whole, sets } = togetherAndBy(question, sql`m.key`, sql`m.deal_id`);
  return rowsOf<Row>(
    runner,
    sql`select g.whole, ${grouping.text} as key, ${grouping.name} as name, g.pushes, g.days, g.deals,
               g.often as "dealsPushedOften", g.pulls, g.days_pulled as "daysPulled"
        from (
          select d.whole, d.key, sum(d.pushes) as pushes, coalesce(sum(d.days), 0) as days,
                 count(*) filter (where d.pushes > 0) as deals, count(*) filter (where d.pushes >= ${OFTEN}::integer) as often,
                 sum(d.pulls) as pulls, coalesce(sum(d.days_pulled), 0) as days_pulled
          from (
            select m.deal_id, ${key} as key, ${whole} as whole, count(*) filter (where m.days > 0) as pushes,
                   sum(m.days) filter (where m.days > 0) as days, count(*) filter (where m.days < 0) as pulls,
                   -sum(m.days) filter (where m.days < 0) as days_pulled
            from (${moves(question, grouping)}) m
            group by grouping sets (${sets})) d
          group by d.whole, d.key) g`,
  );
};

const slippageOf = (row: Row): Slippage => {
  const pushes = Number(row.pushes);
  return {
    pushes,
    days: rate(Number(row.days), pushes, pushes),
    deals: Number(row.deals),
    dealsPushedOften: Number(row.dealsPushedOften),
    pulls: Number(row.pulls),
    daysPulled: Number(row.daysPulled),
  };
};

const NONE: Row = {
  whole: true,
  key: null,
  name: null,
  pushes: 0,
  days: 0,
  deals: 0,
  dealsPushedOften: 0,
  pulls: 0,
  daysPulled: 0,
};

/** How often deals were pushed, and how far. */
const ask = async (runner: Runner, question: Question): Promise<SlippageAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'at');
  const rows = await readSlippage(runner, question, grouping);
  const groups = groupBy === undefined ? [] : rows.filter(({ whole }) => !whole).toSorted(inOrderOf('key'));
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    ...slippageOf(rows.find(({ whole }) => whole) ?? NONE),
    rows: groups.map((row) => ({ ...grouping.fields(row.key, row.name), ...slippageOf(row) })),
  };
};

const slippageSchema = {
  pushes: z.int(),
  days: rateSchema,
  deals: z.int(),
  dealsPushedOften: z.int(),
  pulls: z.int(),
  daysPulled: z.int(),
};

export const slippage = metric({
  summary: 'How often expected close dates of open deals were moved to a later day, and by how many days',
  groups: ['owner', 'team', 'pipeline', 'source', 'month', 'quarter', 'year'],
  answer: answerOf(slippageSchema, slippageSchema),
  ask,
});
