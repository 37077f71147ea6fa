import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { activitiesAt } from '../analytics/activities-at.ts';
import { msBetween } from '../analytics/duration.ts';
import { groupingOf, type Grouping, togetherAndBy } from '../analytics/grouping.ts';
import { leadsAt, refuseDealFilters } from '../analytics/leads-at.ts';
import { metric } from '../analytics/metric.ts';
import { exactly, percentile } from '../analytics/percentile.ts';
import { inTimes, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface ResponseTimes {
  /** Leads that were answered. */
  readonly n: number;
  /** Leads that were not, by the moment: they are in no other figure. */
  readonly unanswered: number;
  /** Minutes from the creation of the lead to the first human touch. */
  readonly p50Minutes: number | null;
  readonly p95Minutes: number | null;
  /** Of those that were answered. */
  readonly within5: Rate;
  readonly within15: Rate;
  readonly within60: Rate;
  /** Minutes until somebody owned it, and from then on to the touch. */
  readonly assigned: { readonly p50Minutes: number | null; readonly p95Minutes: number | null };
  readonly reaction: { readonly p50Minutes: number | null; readonly p95Minutes: number | null };
}
export interface ResponseTimeAnswer extends Asked, ResponseTimes {
  readonly rows: readonly (ResponseTimes & Readonly<Record<string, unknown>>)[];
}

/** In milliseconds. */
type Spread = `${'touch' | 'assigned' | 'reaction'}${50 | 95}`;
type Row = Record<Spread, number | null> &
  Record<'n' | 'unanswered' | 'within5' | 'within15' | 'within60', number> & {
    readonly group: string | null;
    readonly groupName: string | null;
    readonly whole: boolean;
  };

const MS_PER_MINUTE = 60_000;

const spread = (column: 'touch' | 'assigned' | 'reaction') => {
  const value = sql.ref(`c.${column}`);
  return sql`${percentile(0.5, value)} as ${sql.ref(`${column}50`)}, ${percentile(0.95, value)} as ${sql.ref(`${column}95`)}`;
};

const within = (minutes: number) =>
  sql`(count(*) filter (where c.touch <= ${minutes * MS_PER_MINUTE}::bigint))::integer as ${sql.ref(`within${minutes}`)}`;

/** When a span with an owner began, where that was known at the moment. */
const ownedAt = ({ view }: Question): Fragment => {
  if (view.clock === 'recorded')
    return sql`case when h.from_position <= ${view.position}::bigint then h.from_known_at end`;
  if (view.clock === 'occurred') return sql`case when h.from_at < ${view.before}::timestamptz then h.from_at end`;
  return sql`h.from_at`;
};

/** Milliseconds; 0 where the end came first. */
const between = (from: string, to: string): Fragment =>
  sql`case when ${sql.ref(to)} > ${sql.ref(from)} then ${msBetween(sql.ref(from), sql.ref(to))}
           when ${sql.ref(from)} is not null and ${sql.ref(to)} is not null then 0 end`;

/**
 * The first touch of each lead: a call, an e-mail or a meeting that went out or was planned and done, or a call that came in
 * and was taken. By a person, who integrations are not, and an import tells of none for sure.
 */
const touches = (question: Question): Fragment => {
  const { viewer, filter } = question;
  const byAnybody = { ...question, filter: { ...filter, ownerId: undefined, teamId: undefined } };
  return sql`
    select a.about_id as lead_id, min(a.done_at) as at
    from (${activitiesAt(byAnybody)}) a
    where a.about_type = 'lead' and a.done_at is not null and not a.imported
      and a.done_by not in (select k.user_id from api_key k where k.workspace_id = ${viewer.workspaceId}::uuid)
      and a.kind in ('call', 'email', 'meeting')
      and (a.direction is distinct from 'in' or (a.kind = 'call' and a.duration_sec > 0))
    group by 1`;
};

/** A touch from before the lead was written down, by a phone that was offline, counts as at once. */
const readTimes = (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> => {
  const { viewer } = question;
  const { key, whole, sets } = togetherAndBy(question, sql`c.key`);
  return rowsOf<Row>(
    runner,
    sql`with touches as materialized (${touches(question)}),
        owned as materialized (
          select h.lead_id, min(${ownedAt(question)}) as at from ${readModel('lead_history')} h
          where h.workspace_id = ${viewer.workspaceId}::uuid and h.owner_id is not null group by 1)
        select ${grouping.text} as "group", ${grouping.name} as "groupName", g.*
        from (
          select ${key} as key, ${whole} as whole, count(c.touch)::integer as n,
                 (count(*) - count(c.touch))::integer as unanswered, ${spread('touch')}, ${spread('assigned')},
                 ${spread('reaction')}, ${within(5)}, ${within(15)}, ${within(60)}
          from (
            select ${grouping.key} as key, ${between('c.created_at', 'c.touched')} as touch,
                   case when c.touched is not null then ${between('c.created_at', 'c.owned')} end as assigned,
                   ${between('c.owned', 'c.touched')} as reaction
            from (select l.created_at, l.owner_id, l.team_id, l.first_source as source, t.at as touched, o.at as owned
                  from (${leadsAt(question)}) l
                  left join touches t on t.lead_id = l.lead_id
                  left join owned o on o.lead_id = l.lead_id
                  where ${inTimes(question.times, sql`l.created_at`)}) c) c
          group by grouping sets (${sets})) g`,
  );
};

const NONE: Row = {
  group: null,
  groupName: null,
  whole: true,
  n: 0,
  unanswered: 0,
  within5: 0,
  within15: 0,
  within60: 0,
  touch50: null,
  touch95: null,
  assigned50: null,
  assigned95: null,
  reaction50: null,
  reaction95: null,
};

const minutes = (ms: number | null): number | null => (ms === null ? null : exactly(ms) / MS_PER_MINUTE);

const timesOf = (row: Row): ResponseTimes => ({
  n: row.n,
  unanswered: row.unanswered,
  p50Minutes: minutes(row.touch50),
  p95Minutes: minutes(row.touch95),
  within5: rate(row.within5, row.n, row.n),
  within15: rate(row.within15, row.n, row.n),
  within60: rate(row.within60, row.n, row.n),
  assigned: { p50Minutes: minutes(row.assigned50), p95Minutes: minutes(row.assigned95) },
  reaction: { p50Minutes: minutes(row.reaction50), p95Minutes: minutes(row.reaction95) },
});

/** How soon leads that were created in the period were first spoken to. */
const ask = async (runner: Runner, question: Question): Promise<ResponseTimeAnswer> => {
  refuseDealFilters(question);
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'created_at');
  const rows = await readTimes(runner, question, grouping);
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    ...timesOf(rows.find(({ whole }) => whole) ?? NONE),
    rows:
      groupBy === undefined
        ? []
        : rows
            .filter(({ whole }) => !whole)
            .toSorted(inOrderOf('groupName', 'group'))
            .map((row) => ({ ...grouping.fields(row.group, row.groupName), ...timesOf(row) })),
  };
};

const twoPercentiles = z.strictObject({ p50Minutes: number, p95Minutes: number });
const times = {
  n: z.int(),
  unanswered: z.int(),
  p50Minutes: number,
  p95Minutes: number,
  within5: rateSchema,
  within15: rateSchema,
  within60: rateSchema,
  assigned: twoPercentiles,
  reaction: twoPercentiles,
};

export const responseTime = metric({
  summary: 'How soon leads were first spoken to by a person',
  groups: ['owner', 'team', 'source', 'month', 'quarter', 'year'],
  answer: answerOf(times, times),
  ask,
});
