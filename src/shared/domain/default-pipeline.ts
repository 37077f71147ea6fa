import type { Uuid } from '../base/ids.ts';
import type { StageKind } from '../contract/events/pipeline.ts';
import type { EventData } from '../contract/events/registry.ts';

const STAGES: readonly (readonly [name: string, kind: StageKind, probabilityBp: number])[] = [
  ['Qualification', 'open', 1000],
  ['Discovery', 'open', 2500],
  ['Proposal', 'open', 5000],
  ['Negotiation', 'open', 7500],
  ['Won', 'won', 10_000],
  ['Lost', 'lost', 0],
];

/** The pipeline that a new workspace starts with: the data of its PipelineCreated. */
export const defaultPipeline = (newId: () => Uuid): EventData<'PipelineCreated'> => ({
  name: 'Sales',
  stages: STAGES.map(([name, kind, probabilityBp]) => ({ id: newId(), name, kind, probabilityBp })),
});
