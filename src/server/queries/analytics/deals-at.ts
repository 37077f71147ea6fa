import { sql } from 'kysely';
import { msBetween } from './duration.ts';
import { moneyOf } from './prices.ts';
import { filterConditions, type Look, periodCondition, type Question, type View } from './question.ts';
import { readModel } from '../read-model.ts';
import type { Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

export type Past = Exclude<View, { clock: 'now' }>;

/** Whether a row of the history (`alias`) held at the moment: begun strictly before it, not ended before it. */
export const heldAt = (view: Past, alias: string): Fragment => {
  const column = (name: string): Fragment => sql.ref(`${alias}.${name}`);
  if (view.clock === 'recorded') {
    return sql`${column('from_position')} <= ${view.position}::bigint
      and (${column('to_position')} > ${view.position}::bigint or ${column('to_position')} is null)`;
  }
  return sql`${column('from_at')} < ${view.before}::timestamptz
    and (${column('to_at')} >= ${view.before}::timestamptz or ${column('to_at')} is null)`;
};

/** The same of any moment, also of now. */
export const holdsAt = (view: View, alias: string): Fragment =>
  view.clock === 'now'
    ? sql`${sql.ref(`${alias}.from_position`)} is not null and ${sql.ref(`${alias}.to_position`)} is null`
    : heldAt(view, alias);

/**
 * The open deals at the question's moment: deal_id, created_at, pipeline_id, stage_id, amount_minor, currency,
 * weighted_minor, owner_id, team_id, source, company_id, forecast_category, expected_close_date.
 */
export const openDeals = (question: Look): Fragment => {
  const { view, viewer } = question;
  if (view.clock === 'now') {
    const { amount, currency, weighted } = moneyOf(question, 'b', sql`b.weighted_minor`);
    return sql`
      select b.deal_id, b.created_at, b.pipeline_id, b.stage_id, ${amount} as amount_minor, ${currency} as currency,
             ${weighted} as weighted_minor, b.owner_id, b.team_id, b.source, b.company_id, b.forecast_category, b.expected_close_date
      from ${readModel('pipeline_board')} b
      where ${withVisible(viewer, 'b')} and ${filterConditions(question, 'b')}`;
  }
  const { amount, currency, weighted } = moneyOf(
    question,
    'h',
    // With four decimals and no division: exact in sums, in either engine.
    sql`h.amount_minor::numeric(17, 0) * h.probability_bp::numeric(5, 0) * 0.0001`,
  );
  return sql`
    select h.deal_id, d.created_at, h.pipeline_id, h.stage_id, ${amount} as amount_minor, ${currency} as currency,
           ${weighted} as weighted_minor, h.owner_id, h.team_id, h.source,
           h.company_id, h.forecast_category, h.expected_close_date
    from ${readModel('deal_history')} h
    left join ${readModel('deal')} d on d.workspace_id = h.workspace_id and d.id = h.deal_id
    where ${withVisible(viewer, 'h', 'deal_id')} and ${heldAt(view, 'h')}
      and h.outcome = 'open' and not h.deleted and ${filterConditions(question, 'h')}`;
};

/** The question without its period. */
const everClosed = (question: Question): Question => ({
  ...question,
  period: { clock: 'occurred', from: null, to: null },
});

/**
 * All deals at the question's moment but deleted ones, closed ones as they were when they closed: deal_id, outcome,
 * created_at, closed_at, pipeline_id, amount_minor, currency, owner_id, team_id, source, company_id.
 */
export const dealsAt = (question: Question): Fragment => sql`
  select o.deal_id, 'open' as outcome, o.created_at, null::timestamptz as closed_at, o.pipeline_id, o.amount_minor, o.currency,
         o.owner_id, o.team_id, o.source, o.company_id
  from (${openDeals(question)}) o
  union all
  select c.deal_id, c.outcome, c.created_at, c.closed_at, c.pipeline_id, c.amount_minor, c.currency,
         c.owner_id, c.team_id, c.source, c.company_id
  from (${closings(everClosed(question))}) c`;

/** Whether the question is about all deals of the workspace: then what tells of deals need not be joined with them. */
export const isAboutAll = ({ filter, viewer }: Question): boolean =>
  viewer.rights.sees.everything &&
  filter.ownerId === undefined &&
  filter.teamId === undefined &&
  filter.pipelineId === undefined &&
  filter.currency === undefined;

/**
 * The deals that were closed at the question's moment, each with its last closing, if that lies in the period: outcome,
 * closed_at, created_at, cycle_ms, amount_minor, currency, owner_id and team_id at the closing, pipeline_id, source,
 * source_lead_id, company_id, reason, competitor, from_stage_id.
 */
export const closings = (question: Question): Fragment => sql`
  select c.* from (${question.view.clock === 'now' ? lastClosings(question) : closingsAt(question, question.view)}) c
  where ${periodCondition(question.period, sql`c.closed_at`, sql`c.closed_position`)} and ${filterConditions(question, 'c')}`;

interface Frozen {
  readonly amount: Fragment;
  readonly currency: Fragment;
}

/** What was closed in the base currency of today is worth what was frozen then, where anything was. */
const frozenOr = ({ prices, baseCurrency }: Question, own: Frozen, frozen: Frozen): Frozen => {
  if (prices === undefined) return own;
  const isKnown = sql`${frozen.amount} is not null and ${frozen.currency} = ${baseCurrency}`;
  return {
    amount: sql`case when ${isKnown} then ${frozen.amount} else ${own.amount} end`,
    currency: sql`case when ${isKnown} then ${frozen.currency} else ${own.currency} end`,
  };
};

const ownMoney = (alias: string): Frozen => ({
  amount: sql.ref(`${alias}.amount_minor`),
  currency: sql.ref(`${alias}.currency`),
});
const frozenMoney = (alias: string): Frozen => ({
  amount: sql.ref(`${alias}.base_amount_minor`),
  currency: sql.ref(`${alias}.base_currency`),
});

const lastClosings = (question: Question): Fragment => {
  const { amount, currency } = frozenOr(question, ownMoney('m'), frozenMoney('m'));
  return sql`
  select m.deal_id, m.outcome, m.closed_at, m.closed_position, m.created_at, m.cycle_ms, ${amount} as amount_minor,
         ${currency} as currency, m.owner_id, m.team_id, m.pipeline_id, m.source, m.source_lead_id, m.company_id, m.reason, m.competitor, m.from_stage_id
  from ${readModel('sales_metrics')} m
  where ${withVisible(question.viewer, 'm')} and not m.reopened and not m.deleted`;
};

/** Of a closing that was undone, what the event that recorded it has frozen. */
const frozenInLog = sql`
  left join lateral (
    select (case when e.type = 'ConflictResolved' then e.data -> 'closing' else e.data end) as data
    from event e where e.workspace_id = h.workspace_id and e.position = f.closed_position) l on true`;

/**
 * A closing that is still the deal's last one stands in sales_metrics, with the owner of then. For one that was undone
 * since, the history is asked: the first of the rows that share the closing.
 */
const closingsAt = (question: Question, view: Past): Fragment => {
  const { viewer, prices } = question;
  const { amount, currency } = frozenOr(question, ownMoney('h'), {
    amount: sql`coalesce(m.base_amount_minor, (l.data ->> 'baseAmountMinor')::bigint)`,
    currency: sql`coalesce(m.base_currency, l.data ->> 'baseCurrency')`,
  });
  const recorded = view.clock === 'recorded';
  const position = recorded ? sql`g.from_position` : sql`g.from_at`;
  const before = recorded ? sql`p.from_position` : sql`p.from_at`;
  return sql`
  select h.deal_id, h.outcome, h.closed_at, coalesce(m.closed_position, f.closed_position) as closed_position,
         coalesce(m.created_at, f.created_at) as created_at, coalesce(m.cycle_ms, f.cycle_ms) as cycle_ms,
         ${amount} as amount_minor, ${currency} as currency,
         case when m.deal_id is null then f.owner_id else m.owner_id end as owner_id,
         case when m.deal_id is null then f.team_id else m.team_id end as team_id,
         h.pipeline_id, h.source, coalesce(m.source_lead_id, f.source_lead_id) as source_lead_id, h.company_id, h.reason,
         h.competitor,
         case when m.deal_id is null then f.from_stage_id else m.from_stage_id end as from_stage_id
  from ${readModel('deal_history')} h
  left join ${readModel('sales_metrics')} m
    on m.workspace_id = h.workspace_id and m.deal_id = h.deal_id and m.outcome = h.outcome and m.closed_at = h.closed_at
  left join lateral (
    select g.owner_id, g.team_id, g.from_position as closed_position, d.created_at, d.source_lead_id,
           ${msBetween(sql`d.created_at`, sql`h.closed_at`)} as cycle_ms,
           (select p.stage_id from ${readModel('deal_history')} p
             where p.workspace_id = g.workspace_id and p.deal_id = g.deal_id and ${before} < ${position} and p.outcome = 'open'
             order by ${before} desc, p.entry desc limit 1) as from_stage_id
    from ${readModel('deal_history')} g
    join ${readModel('deal')} d on d.workspace_id = g.workspace_id and d.id = g.deal_id
    where m.deal_id is null and g.workspace_id = h.workspace_id and g.deal_id = h.deal_id
      and g.outcome = h.outcome and g.closed_at = h.closed_at and ${position} is not null
    order by ${position}, g.entry limit 1) f on true
  ${prices === undefined ? sql`` : frozenInLog}
  where ${withVisible(viewer, 'h', 'deal_id')} and ${heldAt(view, 'h')} and h.outcome <> 'open' and not h.deleted`;
};
