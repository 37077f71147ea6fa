import { sql } from 'kysely';
import { dealsAt, heldAt, isAboutAll } from './deals-at.ts';
import { type Period, periodCondition, type Question } from './question.ts';
import { readModel } from '../read-model.ts';
import { allOf, type Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';

interface Times {
  readonly enteredPosition: Fragment;
  readonly leftPosition: Fragment;
  readonly entered: ReturnType<typeof at>;
  readonly left: ReturnType<typeof at>;
  /** Of the stay before in the same stage. */
  readonly leftBefore: ReturnType<typeof at>;
}

/** The stays of a deal in one stage; a deal that came back has several. */
const SAME_STAGE = sql`before as (partition by v.deal_id, v.pipeline_id, v.stage_id order by v.visit)`;

/** What the one before has; copies by columns know it (columns/copied-tables.ts). */
const was = (column: Fragment): Fragment => sql`lag(${column}) over before`;

/** Whether a moment of the stay was there by the question's, and what the stay has of it then. */
const at = (moment: Fragment, isKnown: Fragment | undefined) => ({
  known: isKnown ?? sql`${moment} is not null`,
  time: isKnown === undefined ? moment : sql`case when ${isKnown} then ${moment} end`,
});

/** As of a position a stay has the times that were known then, which nothing that comes late changes. */
const timesOf = ({ view, period }: Question): Times => {
  const recorded = view.clock === 'recorded' || (view.clock === 'now' && period.clock === 'recorded');
  const [entered, left] = recorded
    ? [sql`v.entered_known_at`, sql`v.left_known_at`]
    : [sql`v.entered_at`, sql`v.left_at`];
  const knownBy = (time: Fragment, position: Fragment): Fragment | undefined => {
    if (view.clock === 'now') return undefined;
    return view.clock === 'recorded'
      ? sql`${position} <= ${view.position}::bigint`
      : sql`${time} < ${view.before}::timestamptz`;
  };
  return {
    enteredPosition: sql`v.entered_position`,
    leftPosition: sql`v.left_position`,
    entered: at(entered, knownBy(entered, sql`v.entered_position`)),
    left: at(left, knownBy(left, sql`v.left_position`)),
    leftBefore: at(was(left), knownBy(was(left), was(sql`v.left_position`))),
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
 * "left" (null: still there), since (whether it began in the period or later), entered_in and left_in (whether that lies in
 * the period), left_before (whether the deal's stay before in this stage ended in it), and of the deal owner_id, team_id, source, company_id, currency, which are null where nobody asked for them.
 *
 * @param grouped whether the deal's columns are asked for
 */
export const stageVisits = (question: Question, grouped: boolean): Fragment => {
  const { viewer, filter, period } = question;
  const { entered, enteredPosition, left, leftBefore, leftPosition } = timesOf(question);
  const joins = grouped || !isAboutAll(question);
  // The filter's pipeline is the stay's: a deal that moved on to another one was there all the same.
  const deals = dealsAt({ ...question, filter: { ...filter, pipelineId: undefined } });
  const ofPipeline = filter.pipelineId === undefined ? sql`true` : sql`v.pipeline_id = ${filter.pipelineId}::uuid`;
  return sql`
    select v.deal_id, v.visit, v.pipeline_id, v.stage_id, ${entered.time} as entered, ${left.time} as "left",
           ${periodCondition(withoutEnd(period), entered.time, enteredPosition)} as since,
           ${periodCondition(period, entered.time, enteredPosition)} as entered_in,
           ${left.known} and ${periodCondition(period, left.time, leftPosition)} as left_in,
           ${leftBefore.known} and ${periodCondition(period, leftBefore.time, was(leftPosition))} as left_before,
           ${
             joins
               ? sql`d.owner_id, d.team_id, d.source, d.company_id, d.currency`
               : sql`null::uuid as owner_id, null::uuid as team_id, null::text as source, null::uuid as company_id, null::text as currency`
           }
    from ${readModel('deal_stage_visit')} v
    ${joins ? sql`join (${deals}) d on d.deal_id = v.deal_id` : sql``}
    where ${joins ? sql`v.workspace_id = ${viewer.workspaceId}::uuid` : allOf([withVisible(viewer, 'v', 'deal_id'), isThere(question)])}
      and ${entered.known} and ${ofPipeline}
    window ${SAME_STAGE}`;
};

const withoutEnd = (period: Period): Period =>
  period.clock === 'recorded' ? { ...period, upTo: null } : { ...period, to: null };
