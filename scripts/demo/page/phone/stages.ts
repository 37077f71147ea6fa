import type { Deal, Pipeline } from '../../../../src/client/index.ts';
import type { Stage } from '../../../../src/shared/contract/events/pipeline.ts';

/** The stages of all pipelines, in their order. */
export const stagesOf = (pipelines: readonly Pipeline[]): readonly Stage[] => pipelines.flatMap(({ stages }) => stages);

/** Where an open deal may go, and where it is even if nothing else may go there any more. */
export const stageChoices = (stages: readonly Stage[], present: string | null): readonly Stage[] =>
  stages.filter(({ id, kind, archivedAt }) => id === present || (kind === 'open' && archivedAt === null));

export interface StageGroup {
  readonly stage: Stage;
  readonly deals: readonly Deal[];
}

/** The deals by stage; stages that take none any more show only while they have some. */
export const byStage = (stages: readonly Stage[], deals: readonly Deal[]): readonly StageGroup[] =>
  stages
    .map((stage) => ({ stage, deals: deals.filter(({ stageId }) => stageId === stage.id) }))
    .filter(({ stage, deals: inIt }) => inIt.length > 0 || (stage.kind === 'open' && stage.archivedAt === null));
