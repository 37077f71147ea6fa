import { sql } from 'kysely';
import { dealsAt, heldAt, isAboutAll } from './deals-at.ts';
import { periodCondition, type Question } from './question.ts';
import { readModel } from '../read-model.ts';
import { allOf, type Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

interface Times {
  readonly entered: Fragment;
  readonly enteredPosition: Fragment;
  readonly left: Fragment;
  readonly leftPosition: Fragment;
  /** Whether the stay was known at the moment, and its end. */
  readonly known: Fragment;
  readonly leftKnown: Fragment;
}

const COLUMNS = {
  enteredPosition: sql`v.entered_position`,
  leftPosition: sql`v.left_position`,
} as const;

/** As of a position a stay has the times that were known then, which nothing that comes late changes. */
const timesOf = ({ view, period }: Question): Times => {
  if (view.clock === 'recorded' || (view.clock === 'now' && period.clock === 'recorded')) {
    const reached = view.clock === 'now' ? sql`9223372036854775807` : sql`${view.position}::bigint`;
    return {
      ...COLUMNS,
      entered: sql`v.entered_known_at`,
      left: sql`v.left_known_at`,
      known: sql`v.entered_position <= ${reached}`,
      leftKnown: sql`v.left_position <= ${reached}`,
    };
  }
  const before = view.clock === 'now' ? sql`'infinity'::timestamptz` : sql`${view.before}::timestamptz`;
  return {
    ...COLUMNS,
    entered: sql`v.entered_at`,
    left: sql`v.left_at`,
    known: sql`v.entered_at < ${before}`,
    leftKnown: sql`v.left_at < ${before}`,
  };
};

/** Whether the deal of `v` was not deleted at the moment: few ever are, so that a statement looks for them once. */
const isThere = ({ view, viewer }: Question): Fragment =>
  view.clock === 'now'
    ? sql`not v.deleted`
    : sql`v.deal_id <> all (array(select x.deal_id from ${readModel('deal_history')} x
        where x.workspace_id = ${viewer.workspaceId}::uuid and x.deleted and ${heldAt(view, 'x')}))`;

/**
 * The stays of deals in stages as they were known at the question's moment: deal_id, visit, pipeline_id, stage_id, entered,
 * "left" (null: still there), entered_in and left_in (whether that lies in the period), and of the deal owner_id, team_id,
 * source, company_id, currency, which are null where nobody asked for them.
 *
 * @param grouped whether the deal's columns are asked for
 */
export const stageVisits = (question: Question, grouped: boolean): Fragment => {
  const { viewer, filter, period } = question;
  const times = timesOf(question);
  const joins = grouped || !isAboutAll(question);
  // The filter's pipeline is the stay's: a deal that moved on to another one was there all the same.
  const deals = dealsAt({ ...question, filter: { ...filter, pipelineId: undefined } });
  const ofPipeline = filter.pipelineId === undefined ? sql`true` : sql`v.pipeline_id = ${filter.pipelineId}::uuid`;
  const left = sql`case when ${times.leftKnown} then ${times.left} end`;
  return sql`
    select v.deal_id, v.visit, v.pipeline_id, v.stage_id, ${times.entered} as entered, ${left} as "left",
           ${periodCondition(period, times.entered, times.enteredPosition)} as entered_in,
           ${times.leftKnown} and ${periodCondition(period, times.left, times.leftPosition)} as left_in,
           ${
             joins
               ? sql`d.owner_id, d.team_id, d.source, d.company_id, d.currency`
               : sql`null::uuid as owner_id, null::uuid as team_id, null::text as source, null::uuid as company_id, null::text as currency`
           }
    from ${readModel('deal_stage_visit')} v
    ${joins ? sql`join (${deals}) d on d.deal_id = v.deal_id` : sql``}
    where ${joins ? sql`v.workspace_id = ${viewer.workspaceId}::uuid` : allOf([withVisible(viewer, 'v', 'deal_id'), isThere(question)])}
      and ${times.known} and ${ofPipeline}`;
};
