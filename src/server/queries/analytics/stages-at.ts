import { sql } from 'kysely';
import type { Uuid } from '../../../shared/base/ids.ts';
import type { PipelineState } from '../../../shared/contract/events/pipeline.ts';
import { foldStream } from '../../../shared/domain/merge.ts';
import { streamEvents } from '../../log/stream-events.ts';
import type { Question } from './question.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';

/**
 * The stages of all pipelines: pipeline_id, pipeline, pipeline_created, stage_id, stage, ordinal, kind, rotten_after_days,
 * in_use. As of a position they are told from the log, so that no later name, order or limit changes what was answered for
 * it. By when things occurred they are today's: deals may have been in a pipeline before it was written down.
 */
export const stagesAt = async (runner: Runner, question: Question): Promise<Fragment> => {
  const { view, viewer } = question;
  if (view.clock !== 'recorded') return stagesNow(question);
  const pipelines = await rowsOf<Pipeline>(
    runner,
    sql`select p.id, p.created_at as created from ${readModel('pipeline')} p where ${withVisible(viewer, 'p')}`,
  );
  const states = await Promise.all(
    pipelines.map(async (pipeline) => stageRows(pipeline, await stateAt(runner, viewer, pipeline.id, view.position))),
  );
  return sql`
    select s.pipeline_id, s.pipeline, s.pipeline_created, s.stage_id, s.stage, s.ordinal, s.kind, s.rotten_after_days, s.in_use
    from json_to_recordset(${JSON.stringify(states.flat())}::json) as s(
      pipeline_id uuid, pipeline text, pipeline_created timestamptz, stage_id uuid, stage text, ordinal integer, kind text,
      rotten_after_days integer, in_use boolean)`;
};

const stagesNow = ({ viewer }: Question): Fragment => sql`
  select p.id as pipeline_id, p.name as pipeline, p.created_at as pipeline_created, s.stage_id, s.name as stage, s.ordinal, s.kind,
         s.rotten_after_days, s.archived_at is null as in_use
  from ${readModel('pipeline')} p
  join ${readModel('pipeline_stage')} s on s.workspace_id = p.workspace_id and s.pipeline_id = p.id
  where ${withVisible(viewer, 'p')}`;

interface Pipeline {
  readonly id: Uuid;
  readonly created: string;
}

const stateAt = async (
  runner: Runner,
  { workspaceId }: Question['viewer'],
  id: Uuid,
  position: number,
): Promise<PipelineState | undefined> => {
  const events = await streamEvents(runner, workspaceId, { type: 'pipeline', id }, { position });
  return foldStream(events)?.state as unknown as PipelineState | undefined;
};

const stageRows = ({ id, created }: Pipeline, state: PipelineState | undefined): object[] =>
  (state?.stages ?? []).map((stage, index) => ({
    pipeline_id: id,
    pipeline: state?.name,
    pipeline_created: created,
    stage_id: stage.id,
    stage: stage.name,
    ordinal: index + 1,
    kind: stage.kind,
    rotten_after_days: stage.rottenAfterDays,
    in_use: stage.archivedAt === null,
  }));

/** A stage as it was at the question's moment. */
export interface StageThen {
  readonly pipelineId: string;
  readonly pipeline: string;
  readonly stageId: string;
  readonly stage: string;
  readonly ordinal: number;
  readonly kind: 'open' | 'won' | 'lost';
  /** Days without a touch, after which a deal in it is rotten; null: never. */
  readonly rottenAfterDays: number | null;
  readonly inUse: boolean;
}

/** All of them, in the order of their pipelines. */
export const readStages = async (runner: Runner, question: Question): Promise<StageThen[]> =>
  rowsOf<StageThen>(
    runner,
    sql`select s.pipeline_id as "pipelineId", s.pipeline, s.stage_id as "stageId", s.stage, s.ordinal, s.kind,
               s.rotten_after_days as "rottenAfterDays", s.in_use as "inUse"
        from (${await stagesAt(runner, question)}) s order by s.pipeline_created, s.pipeline_id, s.ordinal`,
  );
