import { sql } from 'kysely';
import type { Group } from './filter.ts';
import type { Question } from './question.ts';
import { readModel } from '../read-model.ts';
import type { Fragment } from '../sql.ts';

/** How the rows of `c` (closings, or open deals) fall into groups, and how a group is named. */
export interface Grouping {
  /** An expression over the columns of `c`; as cheap as can be, since it is computed for every deal. */
  readonly key: Fragment;
  /** The text of `g.key`, computed once a group. */
  readonly text: Fragment;
  /** A name of `g.key`. */
  readonly name: Fragment;
  /** The fields of a result's row. */
  readonly fields: (key: string | null, name: string | null) => Record<string, string | null>;
}

type Maker = (question: Question, time: string) => Grouping;

const noName = sql`null::text`;

/** By nothing of its own: rows are apart by currency anyway, those of the pipeline by stage, activities by direction. */
const together: Grouping = { key: noName, text: noName, name: noName, fields: () => ({}) };

/** Quarters and years are the fiscal ones, called by the calendar year in which the fiscal year ends. */
const period = (unit: 'month' | 'quarter' | 'year', pattern: string): Maker => {
  return ({ timeZone, fiscalYearStart }, time) => {
    const shift = unit === 'month' ? 0 : fiscalYearStart - 1;
    return {
      key: sql`date_trunc(${unit}, ${sql.ref(`c.${time}`)} at time zone ${timeZone} - make_interval(months => ${shift}))`,
      text: sql`to_char(g.key + make_interval(years => ${shift === 0 ? 0 : 1}), ${pattern})`,
      name: noName,
      fields: (key) => ({ [unit]: key }),
    };
  };
};

const named = (table: 'app_user' | 'team' | 'pipeline' | 'company', column: string, field: string) => {
  return ({ viewer }: Question): Grouping => ({
    key: sql.ref(`c.${column}`),
    text: sql`g.key::text`,
    name: sql`(select n.name from ${readModel(table)} n where n.workspace_id = ${viewer.workspaceId}::uuid and n.id = g.key)`,
    fields: (key, name) => ({ [`${field}Id`]: key, [field]: name }),
  });
};

/** What has no team of its own counts for its owner's; of several for one, so that totals stay totals. */
const teamOf = ({ viewer }: Question): Fragment => sql`coalesce(c.team_id, (
  select m.team_id from ${readModel('team_member')} m
   where m.workspace_id = ${viewer.workspaceId}::uuid and m.user_id = c.owner_id order by m.team_id limit 1))`;

const GROUPINGS: Readonly<Record<Group, Maker>> = {
  owner: named('app_user', 'owner_id', 'owner'),
  team: (question) => ({ ...named('team', 'team_id', 'team')(question), key: teamOf(question) }),
  pipeline: named('pipeline', 'pipeline_id', 'pipeline'),
  company: named('company', 'company_id', 'company'),
  month: period('month', 'YYYY-MM'),
  quarter: period('quarter', 'YYYY-"Q"Q'),
  year: period('year', 'YYYY'),
  currency: () => together,
  stage: () => together,
  direction: () => together,
  source: () => ({ key: sql`c.source`, text: sql`g.key`, name: noName, fields: (key) => ({ source: key }) }),
};

/**
 * undefined: everything together.
 *
 * @param time the column of `c` that months, quarters and years go by
 */
export const groupingOf = (question: Question, group: Group | undefined, time = 'closed_at'): Grouping =>
  group === undefined ? together : GROUPINGS[group](question, time);

/**
 * Of rows with a `key`: the parts of a statement that adds them up together, and by key only where groups are asked for:
 * percentiles of everything twice take twice as long.
 *
 * @param by what else rows are told apart by, such as `m.deal_id`
 */
export const togetherAndBy = ({ filter }: Question, key: Fragment, by?: Fragment) => {
  const all = by === undefined ? sql`()` : sql`(${by})`;
  if (filter.groupBy === undefined) return { key: noName, whole: sql`true`, sets: all };
  const apart = by === undefined ? sql`(${key})` : sql`(${by}, ${key})`;
  return { key, whole: sql`grouping(${key}) = 1`, sets: sql`${apart}, ${all}` };
};
