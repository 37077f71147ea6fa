import { sql } from 'kysely';
import { holdsAt } from './deals-at.ts';
import { filterConditions, type Question, type View } from './question.ts';
import { readModel } from '../read-model.ts';
import type { Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

/** Whether a span of a history (`alias`) held at the moment, and not as a deleted or voided record. */
export const standsAt = (view: View, alias: string): Fragment =>
  sql`${holdsAt(view, alias)} and not ${sql.ref(`${alias}.deleted`)}`;

/** Where a deal at the question's moment decides: activities that are about one in that pipeline, or of that currency. */
const aboutDeals = ({ view, viewer, filter, baseCurrency }: Question): Fragment => {
  if (filter.pipelineId === undefined && filter.currency === undefined) return sql`true`;
  const pipeline = filter.pipelineId === undefined ? sql`true` : sql`d.pipeline_id = ${filter.pipelineId}::uuid`;
  const currency =
    filter.currency === undefined ? sql`true` : sql`coalesce(d.currency, ${baseCurrency}) = ${filter.currency}`;
  return sql`a.about_id in (
    select d.deal_id from ${readModel('deal_history')} d
    where d.workspace_id = ${viewer.workspaceId}::uuid and ${standsAt(view, 'd')} and ${pipeline} and ${currency})`;
};

/**
 * The activities at the question's moment but voided ones: id, about_type, about_id, kind, direction, status, due_at,
 * done_at, duration_sec, done_position, imported, done_by; owner_id is who did it, whoever owns it today, and else whose it
 * is. Nobody knows who did what an import tells of, so that counts for its owner, too.
 */
export const activitiesAt = (question: Question): Fragment => {
  const { view, viewer, filter } = question;
  const ofPeople = { ...question, filter: { ...filter, pipelineId: undefined, currency: undefined } };
  return sql`
    select c.* from (
      select a.activity_id as id, a.about_type, a.about_id, a.kind, a.direction, a.status, a.due_at, a.done_at, a.duration_sec,
             a.done_position, a.imported, a.done_by, null::uuid as team_id,
             case when a.done_at is null or a.imported then a.owner_id else a.done_by end as owner_id
      from ${readModel('activity_history')} a
      where ${withVisible(viewer, 'a')} and ${standsAt(view, 'a')} and ${aboutDeals(question)}) c
    where ${filterConditions(ofPeople, 'c')}`;
};
