import type { PipelineState } from '../../shared/contract/events/pipeline.ts';
import { newId } from '../random.ts';
import { editsOf, readsOf, type Desk } from './desk.ts';
import type { Pipelines } from './types.ts';

export const pipelinesOf = (desk: Desk): Pipelines => {
  const { act, create } = editsOf<PipelineState>(desk, 'pipeline');
  return {
    ...readsOf<PipelineState>(desk, 'pipeline'),
    create: ({ id = newId(), ...data }) => create('PipelineCreated', id, data),
    addStage: (id, stage) => act(id, 'StageAdded', { stageId: newId(), ...stage }),
    changeStage: (id, stage) => act(id, 'StageChanged', stage),
    reorderStages: (id, stageIds) => act(id, 'StagesReordered', { stageIds }),
    archiveStage: (id, stageId, reason) => act(id, 'StageArchived', { stageId, reason }),
  };
};
