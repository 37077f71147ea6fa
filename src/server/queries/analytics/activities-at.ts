import { sql } from 'kysely';
import { filterConditions, type Question, type View } from './question.ts';
import { readModel } from '../read-model.ts';
import type { Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

/** Whether an activity (`a`) was done by the moment, and not voided by then. */
export const doneAt = (view: View): Fragment => {
  if (view.clock === 'now') return sql`a.done_at is not null and a.deleted_at is null`;
  if (view.clock === 'occurred')
    return sql`a.done_at < ${view.before}::timestamptz and (a.deleted_at >= ${view.before}::timestamptz or a.deleted_at is null)`;
  return sql`a.done_position <= ${view.position}::bigint
    and (a.voided_position > ${view.position}::bigint or a.voided_position is null)`;
};

/**
 * What was done by the question's moment and not voided by then: id, about_type, about_id, kind, direction, happened_at,
 * duration_sec, done_position; owner_id is who did it, whoever owns it today, and team_id is left open.
 */
export const activitiesAt = (question: Question): Fragment => {
  const { view, viewer, filter } = question;
  const ofPeople = { ...question, filter: { ...filter, pipelineId: undefined, currency: undefined } };
  return sql`
    select c.* from (
      select a.id, a.about_type, a.about_id, a.kind, a.direction, a.done_at as happened_at, a.duration_sec, a.done_position,
             a.done_by as owner_id, null::uuid as team_id
      from ${readModel('activity')} a
      where ${withVisible(viewer, 'a')} and ${doneAt(view)}) c
    where ${filterConditions(ofPeople, 'c')}`;
};
