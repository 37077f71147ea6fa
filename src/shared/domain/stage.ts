import type { Uuid } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { PipelineState, Stage, StageKind } from '../contract/events/pipeline.ts';
import { invalidField, rejection, wrongState, type Rejection } from '../contract/rejections.ts';
import type { RuleContext } from './decider.ts';

/** A stage that takes deals, and the pipeline that it belongs to. */
export interface Place {
  readonly pipelineId: Uuid;
  readonly stage: Stage;
}

const stagesOf = (pipelineId: Uuid, context: RuleContext): Result<readonly Stage[], Rejection> => {
  const pipeline = context.lookup({ type: 'pipeline', id: pipelineId }) as PipelineState | undefined;
  return pipeline === undefined ? err(rejection('unknown_stream', 'there is no such pipeline')) : ok(pipeline.stages);
};

/** The open stage of a pipeline that `stageId` names, or its first one. */
export const openStage = (
  pipelineId: Uuid,
  stageId: Uuid | undefined,
  context: RuleContext,
): Result<Place, Rejection> => {
  const stages = stagesOf(pipelineId, context);
  if (!stages.ok) return stages;
  const stage = stages.value.find((candidate) =>
    stageId === undefined ? takesDeals(candidate, 'open') : candidate.id === stageId,
  );
  if (stage === undefined) return err(invalidField('stageId', 'is no stage of the pipeline'));
  if (stage.archivedAt !== null) return err(invalidField('stageId', 'is archived: choose another stage'));
  if (stage.kind === 'won') return err(invalidField('stageId', 'is the won stage: send DealWon instead'));
  if (stage.kind === 'lost') return err(invalidField('stageId', 'is a lost stage: send DealLost instead'));
  return ok({ pipelineId, stage });
};

/** Where a deal goes that is won or lost. */
export const closingStage = (
  pipelineId: Uuid,
  kind: 'won' | 'lost',
  context: RuleContext,
): Result<Place, Rejection> => {
  const stages = stagesOf(pipelineId, context);
  if (!stages.ok) return stages;
  const stage = stages.value.find((candidate) => takesDeals(candidate, kind));
  return stage === undefined ? err(wrongState(`the pipeline has no ${kind} stage`)) : ok({ pipelineId, stage });
};

const takesDeals = (stage: Stage, kind: StageKind): boolean => stage.kind === kind && stage.archivedAt === null;
