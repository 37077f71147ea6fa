import { sql } from 'kysely';
import { Problem } from '../../../shared/contract/problem.ts';
import { heldAt } from './deals-at.ts';
import { filterConditions, type Question } from './question.ts';
import { readModel } from '../read-model.ts';
import type { Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

/**
 * The leads at the question's moment but deleted ones: lead_id, created_at, converted_at, deal_id, status, source as it was
 * then, first_source, owner_id, team_id. Leads know neither pipelines nor currencies.
 */
export const leadsAt = (question: Question): Fragment => {
  const { view, viewer, filter } = question;
  const held = view.clock === 'now' ? sql`l.from_position is not null and l.to_position is null` : heldAt(view, 'l');
  const ofPeople = { ...question, filter: { ...filter, pipelineId: undefined, currency: undefined } };
  return sql`
    select l.lead_id, l.created_at, l.converted_at, l.deal_id, l.status, l.source, l.first_source, l.owner_id, l.team_id
    from ${readModel('lead_history')} l
    where ${withVisible(viewer, 'l', 'lead_id')} and ${held} and not l.deleted and ${filterConditions(ofPeople, 'l')}`;
};

/** A filter that is not heeded would make a number of something else of it. Throws `invalid_request`. */
export const refuseDealFilters = ({ filter }: Question): void => {
  const path = (['pipelineId', 'currency'] as const).find((name) => filter[name] !== undefined);
  if (path === undefined) return;
  throw new Problem('invalid_request', `Leads are in no pipeline and of no currency: leave out ${path}.`, {
    errors: [{ path, message: 'is not asked of leads' }],
  });
};
