import { v7 as uuidv7 } from 'uuid';
import type { PipelineState } from '../../shared/contract/events/pipeline.ts';
import { editsOf, readsOf, type Desk } from './desk.ts';
import type { Pipelines } from './types.ts';

export const pipelinesOf = (desk: Desk): Pipelines => {
  const { act, create } = editsOf<PipelineState>(desk, 'pipeline');
  return {
    ...readsOf<PipelineState>(desk, 'pipeline'),
    create: ({ id = uuidv7(), ...data }) => create('PipelineCreated', id, data),
    addStage: (id, stage) => act(id, 'StageAdded', { stageId: uuidv7(), ...stage }),
    changeStage: (id, stage) => act(id, 'StageChanged', stage),
    reorderStages: (id, stageIds) => act(id, 'StagesReordered', { stageIds }),
    archiveStage: (id, stageId, reason) => act(id, 'StageArchived', { stageId, reason }),
  };
};
