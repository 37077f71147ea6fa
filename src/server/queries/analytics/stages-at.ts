import { sql } from 'kysely';
import type { Uuid } from '../../../shared/base/ids.ts';
import type { PipelineState } from '../../../shared/contract/events/pipeline.ts';
import { foldStream } from '../../../shared/domain/merge.ts';
import { streamEvents } from '../../log/stream-events.ts';
import type { Question } from './question.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';

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

/**
 * The stages of all pipelines, in the order of those. As of a position they are told from the log, so that no later name,
 * order or limit changes what was answered for it. By when things occurred they are today's: deals may have been in a
 * pipeline before it was written down.
 */
export const readStages = async (postgres: Runner, question: Question): Promise<StageThen[]> => {
  const { view, viewer } = question;
  if (view.clock !== 'recorded') return stagesNow(postgres, question);
  const pipelines = await rowsOf<Pipeline>(
    postgres,
    sql`select p.id from ${readModel('pipeline')} p
        where ${withVisible(viewer, 'p')} order by p.created_at, p.id`,
  );
  const stages = await Promise.all(
    pipelines.map(async (pipeline) => stagesOf(pipeline, await stateAt(postgres, viewer, pipeline.id, view.position))),
  );
  return stages.flat();
};

const stagesNow = (postgres: Runner, { viewer }: Question): Promise<StageThen[]> =>
  rowsOf<StageThen>(
    postgres,
    sql`select p.id as "pipelineId", p.name as pipeline,  s.stage_id as "stageId",
               s.name as stage, s.ordinal, s.kind, s.rotten_after_days as "rottenAfterDays", s.archived_at is null as "inUse"
        from ${readModel('pipeline')} p
        join ${readModel('pipeline_stage')} s on s.workspace_id = p.workspace_id and s.pipeline_id = p.id
        where ${withVisible(viewer, 'p')} order by p.created_at, p.id, s.ordinal`,
  );

interface Pipeline {
  readonly id: Uuid;
}

const stateAt = async (
  postgres: Runner,
  { workspaceId }: Question['viewer'],
  id: Uuid,
  position: number,
): Promise<PipelineState | undefined> => {
  const events = await streamEvents(postgres, workspaceId, { type: 'pipeline', id }, { position });
  return foldStream(events)?.state as unknown as PipelineState | undefined;
};

const stagesOf = ({ id }: Pipeline, state: PipelineState | undefined): StageThen[] =>
  (state?.stages ?? []).map((stage, index) => ({
    pipelineId: id,
    pipeline: state?.name ?? '',
    stageId: stage.id,
    stage: stage.name,
    ordinal: index + 1,
    kind: stage.kind,
    rottenAfterDays: stage.rottenAfterDays,
    inUse: stage.archivedAt === null,
  }));

const NO_STAGES = sql`select null::integer, null::uuid, null::text, null::uuid, null::text, null::integer,
  null::text, null::integer, null::boolean where false`;

const rowOf = (stage: StageThen, place: number): Fragment => sql`(
  ${place}::integer, ${stage.pipelineId}::uuid, ${stage.pipeline}::text,
  ${stage.stageId}::uuid, ${stage.stage}::text, ${stage.ordinal}::integer, ${stage.kind}::text,
  ${stage.rottenAfterDays}::integer, ${stage.inUse}::boolean)`;

/**
 * Stages as a table: place in the list, pipeline_id, pipeline, stage_id, stage, ordinal, kind,
 * rotten_after_days, in_use.
 */
export const stageTable = (stages: readonly StageThen[]): Fragment => sql`
  select * from (${stages.length === 0 ? NO_STAGES : sql`values ${sql.join(stages.map(rowOf))}`})
    t(place, pipeline_id, pipeline, stage_id, stage, ordinal, kind, rotten_after_days, in_use)`;
