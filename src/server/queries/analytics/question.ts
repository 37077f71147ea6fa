import { sql } from 'kysely';
import { Problem } from '../../../shared/contract/problem.ts';
import type { Viewer } from '../../access/access.ts';
import type { Sight } from '../visible.ts';
import type { AnalyticsFilter } from './filter.ts';
import type { Prices } from './prices.ts';
import { asOfInstant, instantOf, settingsRow } from '../moment-text.ts';
import { positionAt } from '../moment.ts';
import { readModel } from '../read-model.ts';
import { allOf, rowsOf, type Fragment, type Runner } from '../sql.ts';

/** The moment at which the deals are looked at. */
export type View =
  | { readonly clock: 'now' }
  | { readonly clock: 'recorded'; readonly position: number }
  | { readonly clock: 'occurred'; readonly before: string };

/** Closings in it count; a missing bound is open. By when they occurred, or by the positions that recorded them. */
export type Period =
  | { readonly clock: 'occurred'; readonly from: string | null; readonly to: string | null }
  | { readonly clock: 'recorded'; readonly after: number; readonly upTo: number | null };

export type TimesOfPeriod = Extract<Period, { clock: 'occurred' }>;

/** What of the deals is looked at, by whom and when. */
export interface Look {
  readonly viewer: Sight;
  readonly filter: AnalyticsFilter;
  readonly view: View;
  readonly baseCurrency: string;
  /** Amounts are in their own currencies where there are none. */
  readonly prices?: Prices | undefined;
}

/** A filter in terms of the workspace: its days as instants, its times as positions. */
export interface Question<Filter extends AnalyticsFilter = AnalyticsFilter> {
  readonly viewer: Viewer;
  readonly filter: Filter;
  readonly view: View;
  readonly period: Period;
  /** The same bounds as times, for what has one time on both clocks: creations of deals and leads, conversions. */
  readonly times: TimesOfPeriod;
  /** The moment as a time, in ISO 8601. */
  readonly at: string;
  readonly timeZone: string;
  readonly baseCurrency: string;
  /** The month in which the fiscal year begins, 1 to 12. */
  readonly fiscalYearStart: number;
  /** Where they are given, amounts are told in the base currency as far as they have one; closed deals by their own. */
  readonly prices?: Prices;
  /** The answer needs read models that have come this far. */
  readonly needs: number;
}

interface Settings {
  readonly timeZone: string;
  readonly baseCurrency: string;
  readonly fiscalYearStart: number;
  readonly from: string | null;
  readonly to: string | null;
  /** The end of the day, or now where that day is not over. */
  readonly asOf: string | null;
  readonly now: string;
}

const zone = sql`s.time_zone`;

const settingsOf = async (runner: Runner, viewer: Viewer, filter: AnalyticsFilter): Promise<Settings> => {
  const [row] = await rowsOf<Settings>(
    runner,
    sql`select s.time_zone as "timeZone", s.base_currency as "baseCurrency",
               s.fiscal_year_start as "fiscalYearStart",
               ${instantOf(filter.from, zone)} as "from", ${instantOf(filter.to, zone)} as "to", ${asOfInstant(filter.asOf, zone)} as "asOf",
               date_trunc('milliseconds', clock_timestamp()) as now
        from (${settingsRow(viewer.workspaceId)}) s`,
  );
  if (row === undefined) throw new Error('an aggregate without a row');
  return row;
};

/** Throws `invalid_request` for a moment in the future and for a period that ends before it begins. */
export const questionOf = async (runner: Runner, viewer: Viewer, filter: AnalyticsFilter): Promise<Question> => {
  const settings = await settingsOf(runner, viewer, filter);
  if (settings.from !== null && settings.to !== null && settings.from > settings.to) {
    throw new Problem('invalid_request', 'The period ends before it begins.', {
      errors: [{ path: 'to', message: 'must not be before from' }],
    });
  }
  const [view, period] = await Promise.all([
    viewOf(runner, viewer, { filter, settings }),
    periodOf(runner, viewer, { filter, settings }),
  ]);
  const { timeZone, baseCurrency, fiscalYearStart } = settings;
  const at =
    view.clock === 'now' ? settings.now : (settings.asOf ?? (await recordedAt(runner, viewer, Number(filter.asOf))));
  const needs = Math.max(
    view.clock === 'recorded' ? view.position : 0,
    period.clock === 'recorded' ? (period.upTo ?? 0) : 0,
  );
  const times = { clock: 'occurred', from: settings.from, to: settings.to } as const;
  return { viewer, filter, view, period, times, at, timeZone, baseCurrency, fiscalYearStart, needs };
};

interface Asked {
  readonly filter: AnalyticsFilter;
  readonly settings: Settings;
}

/** Of the log's beginning, when nothing was recorded yet, the oldest time there is. */
const recordedAt = async (runner: Runner, { workspaceId }: Viewer, position: number): Promise<string> => {
  const [row] = await rowsOf<{ at: string }>(
    runner,
    sql`select recorded_at as at from event where workspace_id = ${workspaceId} and position = ${position}`,
  );
  return row?.at ?? new Date(0).toISOString();
};

const viewOf = async (runner: Runner, { workspaceId }: Viewer, { filter, settings }: Asked): Promise<View> => {
  if (filter.asOf === undefined) return { clock: 'now' };
  const asOf = settings.asOf === null ? { position: Number(filter.asOf) } : { time: settings.asOf };
  const position = await positionAt(runner, workspaceId, asOf);
  if (filter.clock === 'occurred' && 'time' in asOf) return { clock: 'occurred', before: asOf.time };
  return { clock: 'recorded', position };
};

/** Whether a time lies in the period. */
export const inTimes = (period: TimesOfPeriod, at: Fragment): Fragment => periodCondition(period, at, sql`0`);

/** Whether something lies in the period, by when it occurred or by the position that recorded it. */
export const periodCondition = (period: Period, at: Fragment, position: Fragment): Fragment => {
  const conditions: Fragment[] = [];
  if (period.clock === 'recorded') {
    conditions.push(sql`${position} > ${period.after}::bigint`);
    if (period.upTo !== null) conditions.push(sql`${position} <= ${period.upTo}::bigint`);
  } else {
    if (period.from !== null) conditions.push(sql`${at} >= ${period.from}::timestamptz`);
    if (period.to !== null) conditions.push(sql`${at} < ${period.to}::timestamptz`);
  }
  return allOf(conditions);
};

const periodOf = async (runner: Runner, { workspaceId }: Viewer, { filter, settings }: Asked): Promise<Period> => {
  const { from, to, now } = settings;
  if (filter.clock !== 'recorded') return { clock: 'occurred', from, to };
  const after = from === null ? 0 : await positionAt(runner, workspaceId, { time: from < now ? from : now });
  const upTo = to === null || to >= now ? null : await positionAt(runner, workspaceId, { time: to });
  return { clock: 'recorded', after, upTo };
};

/** The filter's conditions on the rows of `alias`, which have owner_id, team_id, pipeline_id and currency. */
export const filterConditions = ({ viewer, filter, baseCurrency }: Omit<Look, 'view'>, alias: string): Fragment => {
  const column = (name: string): Fragment => sql.ref(`${alias}.${name}`);
  const conditions: Fragment[] = [];
  if (filter.ownerId !== undefined) conditions.push(sql`${column('owner_id')} = ${filter.ownerId}::uuid`);
  if (filter.pipelineId !== undefined) conditions.push(sql`${column('pipeline_id')} = ${filter.pipelineId}::uuid`);
  if (filter.currency !== undefined)
    conditions.push(sql`coalesce(${column('currency')}, ${baseCurrency}) = ${filter.currency}`);
  if (filter.teamId !== undefined) conditions.push(ofTeam(viewer, alias, sql`${filter.teamId}::uuid`));
  return allOf(conditions);
};

/** The rows of a team and all below it; what has no team of its own counts for its owner's. */
export const ofTeam = (viewer: Sight, alias: string, teamId: Fragment): Fragment => {
  const column = (name: string): Fragment => sql.ref(`${alias}.${name}`);
  // As arrays they are made once a statement, and PostgreSQL's helpers may ask for them.
  const teams = sql`array(${teamsBelow(viewer, teamId)})`;
  return sql`(${column('team_id')} = any (${teams}) or (${column('team_id')} is null and ${column('owner_id')} = any (array(
      select m.user_id from ${readModel('team_member')} m where m.workspace_id = ${viewer.workspaceId}::uuid and m.team_id = any (${teams})))))`;
};

/** A team and all below it; `union` ends on a cycle. */
const teamsBelow = ({ workspaceId }: Sight, teamId: Fragment): Fragment => sql`
  with recursive below(id) as (
    select ${teamId}
    union
    select t.id from ${readModel('team')} t join below b on t.parent_id = b.id where t.workspace_id = ${workspaceId}::uuid)
  select id from below`;
