import { err, ok, type Result } from '../base/result.ts';
import {
  initialPipeline,
  STAGES_MAX,
  type pipelineEvents,
  type PipelineState,
  type ProposedStage,
  type Stage,
  type StageKind,
} from '../contract/events/pipeline.ts';
import { invalidField, wrongState, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';

type PipelineEvent = keyof typeof pipelineEvents;
type Decision = Result<Decided<PipelineEvent>, Rejection>;

const decide = (state: PipelineState, event: Proposed<PipelineEvent>, context: RuleContext): Decision => {
  switch (event.type) {
    case 'PipelineCreated':
      return create(event);
    case 'StageAdded':
      return addStage(state, event);
    case 'StageChanged':
      return changeStage(state, event);
    case 'StagesReordered': {
      const unknown = event.data.stageIds.find((id) => stageOf(state, id) === undefined);
      return unknown === undefined
        ? ok(event)
        : err(invalidField('stageIds', `${unknown} is no stage of this pipeline`));
    }
    case 'StageArchived':
      return archiveStage(state, event, context);
  }
};

const stageOf = (state: PipelineState, id: string): Stage | undefined => state.stages.find((stage) => stage.id === id);

const PROBABILITY = { won: 10_000, lost: 0 };

/** Won is 100 % and nothing else is, so that "won", "in the won stage" and "100 %" are the same thing in every figure. */
const probabilityOf = (kind: StageKind, sent: number | undefined, field: string): Result<number, Rejection> => {
  if (kind === 'open') {
    if (sent === undefined) return err(invalidField(field, 'is needed for an open stage'));
    return sent < PROBABILITY.won ? ok(sent) : err(invalidField(field, 'of an open stage stays below 10000'));
  }
  const fixed = PROBABILITY[kind];
  return sent === undefined || sent === fixed ? ok(fixed) : err(invalidField(field, `of a ${kind} stage is ${fixed}`));
};

const create = ({ type, data }: Proposed<'PipelineCreated'>): Decision => {
  const refusal = wrongStages(data.stages);
  if (refusal !== undefined) return err(refusal);
  const stages: Stage[] = [];
  for (const [index, { id, name, kind, probabilityBp, rottenAfterDays = null }] of data.stages.entries()) {
    const probability = probabilityOf(kind, probabilityBp, `stages.${index}.probabilityBp`);
    if (!probability.ok) return probability;
    stages.push({ id, name, kind, probabilityBp: probability.value, rottenAfterDays, archivedAt: null });
  }
  return ok({ type, data: { ...data, stages } });
};

const wrongStages = (stages: readonly ProposedStage[]): Rejection | undefined => {
  const count = (kind: StageKind): number => stages.filter((stage) => stage.kind === kind).length;
  if (new Set(stages.map(({ id }) => id)).size < stages.length)
    return invalidField('stages', 'two stages have the same id');
  if (count('won') !== 1) return invalidField('stages', 'a pipeline has exactly one won stage');
  if (count('lost') < 1) return invalidField('stages', 'a pipeline has a lost stage');
  if (count('open') < 1) return invalidField('stages', 'a pipeline has an open stage');
  return undefined;
};

const addStage = (state: PipelineState, { type, data }: Proposed<'StageAdded'>): Decision => {
  if (stageOf(state, data.stageId) !== undefined) return err(invalidField('stageId', 'is a stage already'));
  if (state.stages.length >= STAGES_MAX) return err(wrongState(`a pipeline has at most ${STAGES_MAX} stages`));
  if (data.kind === 'won') return err(invalidField('kind', 'a pipeline has exactly one won stage'));
  const probability = probabilityOf(data.kind, data.probabilityBp, 'probabilityBp');
  if (!probability.ok) return probability;
  const behindOpen = state.stages.findLastIndex(({ kind }) => kind === 'open') + 1;
  const index = Math.min(data.index ?? (data.kind === 'open' ? behindOpen : state.stages.length), state.stages.length);
  return ok({ type, data: { ...data, probabilityBp: probability.value, index } });
};

const changeStage = (state: PipelineState, event: Proposed<'StageChanged'>): Decision => {
  const stage = stageOf(state, event.data.stageId);
  if (stage === undefined) return err(invalidField('stageId', 'is no stage of this pipeline'));
  const probability = probabilityOf(stage.kind, event.data.probabilityBp ?? stage.probabilityBp, 'probabilityBp');
  return probability.ok ? ok(event) : probability;
};

const archiveStage = (
  state: PipelineState,
  { type, data }: Proposed<'StageArchived'>,
  context: RuleContext,
): Decision => {
  const stage = stageOf(state, data.stageId);
  if (stage === undefined) return err(invalidField('stageId', 'is no stage of this pipeline'));
  if (stage.archivedAt !== null) return err(invalidField('stageId', 'is archived already'));
  const left = state.stages.filter(
    ({ id, kind, archivedAt }) => id !== stage.id && kind === stage.kind && archivedAt === null,
  );
  if (left.length === 0) return err(invalidField('stageId', `is the only ${stage.kind} stage`));
  return ok({ type, data: { ...data, archivedAt: context.occurredAt } });
};

export const pipeline: Decider<PipelineState, PipelineEvent> = { initialState: initialPipeline, decide };
