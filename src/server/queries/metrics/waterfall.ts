import { sql } from 'kysely';
import * as z from 'zod';
import { Problem } from '../../../shared/contract/problem.ts';
import { answerOf } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, currenciesOf, type Summed, summed, total } from '../analytics/cells.ts';
import type { AnalyticsFilter } from '../analytics/filter.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import { moneyOf } from '../analytics/prices.ts';
import { filterConditions, type Question } from '../analytics/question.ts';
import { BEFORE, type LookedBack, was } from '../analytics/span-before.ts';
import { type Meeting, meetingOf, stretchOf } from '../analytics/stretch.ts';
import { parameter } from '../parameters.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';
import { inOrderOf } from '../analytics/in-order.ts';

/** What comes to the open pipeline, and what leaves it; amounts are never negative. */
const COMES = ['created', 'pulledIn', 'increased', 'reopened', 'restored', 'movedIn'] as const;
const LEAVES = ['decreased', 'pushedOut', 'won', 'lost', 'deleted', 'movedOut'] as const;
const STEPS = ['start', ...COMES, ...LEAVES, 'end'] as const;
type Step = (typeof STEPS)[number];

/** Of increased and decreased the count is that of changes, else that of deals. */
export interface Moved {
  readonly count: number;
  readonly amountMinor: number;
}

/**
 * start + created + pulledIn + increased + reopened + restored + movedIn − decreased − pushedOut − won − lost − deleted −
 * movedOut = end, to the minor unit. Moved in and out is what enters or leaves the filter, or the row, by a new owner, team,
 * pipeline or currency.
 */
export type Waterfall = Readonly<Record<Step, Moved>>;
export type WaterfallAnswer = Asked & {
  /** null over several currencies, as all steps are. */
  readonly [Name in Step]: Moved | null;
} & { readonly rows: readonly (Waterfall & Readonly<Record<string, unknown>>)[] };

type Filter = AnalyticsFilter & { readonly closeFrom?: string | undefined; readonly closeTo?: string | undefined };

const KEYS = ['name', 'key', 'currency', 'step'] as const;
const SUMS = ['count', 'amount'] as const;
type Row = Cell<(typeof KEYS)[number], (typeof SUMS)[number]>;
type Sums = Summed<(typeof KEYS)[number], (typeof SUMS)[number]>;

const inWindow = ({ filter }: Question<Filter>, alias = 'c'): Fragment => {
  if (filter.closeFrom === undefined && filter.closeTo === undefined) return sql`true`;
  const date = sql.ref(`${alias}.expected_close_date`);
  const from = filter.closeFrom === undefined ? sql`true` : sql`${date} >= ${filter.closeFrom}::date`;
  const to = filter.closeTo === undefined ? sql`true` : sql`${date} < ${filter.closeTo}::date`;
  return sql`coalesce(${from} and ${to}, false)`;
};

/** Whether the deal of `h` is ever in the filter: of others no step tells, and most are others where a team is asked for. */
const isEverIn = (question: Question<Filter>, { met }: Meeting): Fragment => {
  const { filter, viewer } = question;
  const asked = [filter.teamId, filter.ownerId, filter.pipelineId, filter.currency, filter.closeFrom, filter.closeTo];
  if (asked.every((value) => value === undefined)) return sql`true`;
  // As an array it is made once, and spans of other deals are left out where they are read; as a join, all of them are sorted.
  return sql`h.deal_id = any (array(
    select h.deal_id from ${readModel('deal_history')} h
    where h.workspace_id = ${viewer.workspaceId}::uuid and ${met} and h.outcome = 'open' and not h.deleted
      and ${inWindow(question, 'h')} and ${filterConditions(question, 'h')}))`;
};

/** Why a deal is not in the open pipeline that is asked about, the first that holds; 0: it is; null: there was none. */
const DELETED = 1;
const OUT = { won: 2, lost: 3 } as const;
const BEYOND_WINDOW = 4;
const BEYOND_FILTER = 5;

const stateOf = (question: Question<Filter>): Fragment => sql`
  case when c.deleted is null then null when c.deleted then ${DELETED}::integer
       when c.outcome = 'won' then ${OUT.won}::integer when c.outcome = 'lost' then ${OUT.lost}::integer
       when not ${inWindow(question)} then ${BEYOND_WINDOW}::integer
       when ${filterConditions(question, 'c')} then 0::integer else ${BEYOND_FILTER}::integer end`;

/** What state, key and money of a span are told from; looking back costs time by the column. */
const toldFrom = ({ filter }: Question<Filter>): LookedBack[] => {
  const { ownerId, teamId, pipelineId, groupBy, closeFrom, closeTo } = filter;
  const columns: LookedBack[] = ['outcome', 'deleted', 'amount_minor', 'currency'];
  if (closeFrom !== undefined || closeTo !== undefined) columns.push('expected_close_date');
  const ofPeople = ownerId !== undefined || teamId !== undefined || groupBy === 'owner' || groupBy === 'team';
  if (ofPeople) columns.push('owner_id', 'team_id');
  if (pipelineId !== undefined || groupBy === 'pipeline') columns.push('pipeline_id');
  if (groupBy === 'company') columns.push('company_id');
  if (groupBy === 'source') columns.push('source');
  return columns;
};

/** The rows of `c`, deals at some time, with their state, key, amount and money. */
const valued = (question: Question<Filter>, grouping: Grouping, rows: Fragment): Fragment => {
  const { filter, baseCurrency, prices } = question;
  const money = moneyOf(question, 'c', sql`0`);
  // Rounded a deal and not behind the sum, so that converted steps balance to the minor unit as others do.
  const amount = prices === undefined ? money.amount : sql`round(${money.amount})`;
  return sql`
    select c.*, ${stateOf(question)} as state, ${grouping.key} as key, coalesce(${amount}, 0) as amount,
           coalesce(${money.currency}, ${filter.currency ?? baseCurrency}) as money
    from (${rows}) c`;
};

/** The spans that hold at the start or begin by the end, each with what the deal was in it and, as `old_…`, before it. */
const spans = (question: Question<Filter>, grouping: Grouping): Fragment => {
  const meeting = meetingOf(stretchOf(question), 'h');
  const columns = toldFrom(question);
  const held = sql`
    select h.*, ${meeting.first} as at_start, ${meeting.last} as at_end,
           ${sql.join(columns.map((column) => sql`${was(column)} as ${sql.raw(`was_${column}`)}`))}
    from ${readModel('deal_history')} h
    where ${withVisible(question.viewer, 'h', 'deal_id')} and ${meeting.met} and ${isEverIn(question, meeting)}
    window ${BEFORE}`;
  const before = sql`
    select n.at_start, n.at_end, n.state as new_state, n.key as new_key, n.amount as new_amount, n.money as new_money,
           ${sql.join(columns.map((column) => sql.raw(`n.was_${column} as ${column}`)))}
    from (${valued(question, grouping, held)}) n`;
  return sql`
    select o.at_start, o.at_end, o.new_state as state, o.new_key as key, o.new_amount as amount, o.new_money as money,
           o.state as old_state, o.key as old_key, o.amount as old_amount, o.money as old_money
    from (${valued(question, grouping, before)}) o`;
};

const came = sql`case when old_state is null then 'created' when old_state = ${DELETED} then 'restored'
  when old_state in (${OUT.won}, ${OUT.lost}) then 'reopened' when old_state = ${BEYOND_WINDOW} then 'pulledIn' else 'movedIn' end`;
const went = sql`case state when ${DELETED} then 'deleted' when ${OUT.won} then 'won' when ${OUT.lost} then 'lost'
  when ${BEYOND_WINDOW} then 'pushedOut' else 'movedOut' end`;

/**
 * One row a step and what it is told apart by; a span that both leaves one row and comes to another counts in both. What
 * spans have in common is added up first: five steps over each of 390,000 spans took 0.8 s, over their sums nothing.
 */
const readSteps = (runner: Runner, question: Question<Filter>, grouping: Grouping): Promise<Row[]> =>
  rowsOf<Row>(
    runner,
    sql`with moves as materialized (
          select s.key, s.money, s.old_key, s.old_money, s.at_start, s.at_end, s.state, s.old_state,
                 sign(s.amount - s.old_amount) as change, count(*) as count, sum(s.amount) as amount,
                 sum(s.old_amount) as old_amount, sum(abs(s.amount - s.old_amount)) as difference
          from (${spans(question, grouping)}) s
          group by 1, 2, 3, 4, 5, 6, 7, 8, 9),
        told as (
          select m.*, m.state = 0 and m.old_state is not distinct from 0 and m.old_money = m.money
                 and m.old_key is not distinct from m.key as stays
          from moves m)
        select ${grouping.text} as key, ${grouping.name} as name, g.currency, g.step, g.count, g.amount
        from (
          select key, money as currency, 'start' as step, sum(count) as count, sum(amount) as amount
          from told where at_start and state = 0 group by 1, 2
          union all
          select key, money, 'end', sum(count), sum(amount) from told where at_end and state = 0 group by 1, 2
          union all
          select key, money, case when change > 0 then 'increased' else 'decreased' end, sum(count), sum(difference)
          from told where not at_start and stays and change <> 0 group by 1, 2, 3
          union all
          select key, money, ${came}, sum(count), sum(amount)
          from told where not at_start and state = 0 and not stays group by 1, 2, 3
          union all
          select old_key, old_money, ${went}, sum(count), sum(old_amount)
          from told where not at_start and old_state = 0 and not stays group by 1, 2, 3) g`,
  );

const waterfallOf = (rows: readonly Sums[]): Waterfall =>
  Object.fromEntries(
    STEPS.map((step) => {
      const mine = rows.filter((row) => row.step === step);
      return [
        step,
        { count: total(mine.map(({ count }) => count)), amountMinor: total(mine.map(({ amount }) => amount)) },
      ];
    }),
  ) as Waterfall;

const ask = async (runner: Runner, question: Question<Filter>): Promise<WaterfallAnswer> => {
  const { groupBy, asOf } = question.filter;
  if (asOf !== undefined) {
    throw new Problem('invalid_request', 'A waterfall has two moments of its own: use from and to.', {
      errors: [{ path: 'asOf', message: 'is not asked for here' }],
    });
  }
  const grouping = groupingOf(question, groupBy);
  const cells = summed(await readSteps(runner, question, grouping), KEYS, SUMS).toSorted(inOrderOf(...KEYS));
  const { currencies } = currenciesOf(cells, question);
  const one = currencies.length <= 1;
  const groups = Map.groupBy(cells, ({ key, currency }) => JSON.stringify([key, currency]));
  const rows = [...groups.values()].map((group) => ({
    ...grouping.fields(group[0]?.key ?? null, group[0]?.name ?? null),
    currency: group[0]?.currency ?? null,
    ...waterfallOf(group),
  }));
  const steps = one
    ? waterfallOf(cells)
    : (Object.fromEntries(STEPS.map((step) => [step, null])) as Record<Step, null>);
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    ...steps,
    rows: groupBy === undefined && one ? [] : rows,
  };
};

const moved = z.strictObject({ count: z.int(), amountMinor: z.int() });
const stepsOf = <Schema extends z.ZodType>(schema: Schema): Record<Step, Schema> =>
  Object.fromEntries(STEPS.map((step) => [step, schema])) as Record<Step, Schema>;

export const waterfall = metric({
  summary:
    'What moved the open pipeline between two moments, by what occurred or was recorded, of deals expected to close in a window; it balances to the minor unit',
  groups: ['owner', 'team', 'pipeline', 'source', 'company', 'currency'],
  extra: { closeFrom: parameter('date').optional(), closeTo: parameter('date').optional() },
  answer: answerOf(stepsOf(moved.nullable()), { currency: z.string(), ...stepsOf(moved) }),
  ask,
});
