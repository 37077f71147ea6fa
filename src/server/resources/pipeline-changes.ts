import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { inOrder, type Stage } from '../../shared/contract/events/pipeline.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { changedFields, pick, type EventDraft, type Fields } from '../../shared/domain/changes/event-draft.ts';

/** A stage as a patch names it; without an id it is a new one. */
interface WantedStage {
  readonly [field: string]: never;
}

const EDITABLE = ['name', 'probabilityBp', 'rottenAfterDays'];

/**
 * The events that a patch of a pipeline stands for: new stages are added, named ones changed or archived, and the order
 * becomes that of the list. Stages that the list leaves out stay as they are.
 */
export const pipelineChanges = (fields: Fields, state: JsonObject, _given: Fields, newId: () => Uuid): EventDraft[] => {
  const wanted = ((fields['stages'] ?? []) as unknown as readonly WantedStage[]).map((stage) => withId(stage, newId));
  const present = state['stages'] as unknown as readonly Stage[];
  const known = new Map(present.map((stage) => [stage.id, stage]));
  for (const [index, stage] of wanted.entries()) refuseArchiving(stage, known.get(stage['id'] as Uuid), index);
  const drafts = wanted.flatMap((stage) => stageChanges(stage, known.get(stage['id'] as Uuid)));
  return [
    ...drafts,
    ...reordering(
      wanted.map((stage) => stage['id'] as Uuid),
      present,
    ),
  ];
};

/** A stage sent back as it was read is fine; when it was archived is not for a client to say. */
const refuseArchiving = ({ archivedAt }: Fields, present: Stage | undefined, index: number): void => {
  if (archivedAt === undefined || archivedAt === (present?.archivedAt ?? null)) return;
  throw new Problem('invalid_request', 'When a stage was archived cannot be changed: archive it by archived.', {
    errors: [{ path: `stages.${index}.archivedAt`, message: 'must be as it was read' }],
  });
};

const withId = (stage: Fields, newId: () => Uuid): Fields => ({ ...stage, id: stage['id'] ?? newId() });

const stageChanges = (wanted: Fields, present: Stage | undefined): EventDraft[] => {
  const stageId = wanted['id'] as Uuid;
  if (present === undefined) {
    return [
      { type: 'StageAdded', data: { stageId, ...pick(wanted, ['name', 'kind', 'probabilityBp', 'rottenAfterDays']) } },
    ];
  }
  const change = changedFields(pick(wanted, EDITABLE), present as unknown as JsonObject);
  return [
    ...(Object.keys(change).length === 0
      ? []
      : [{ type: 'StageChanged' as const, data: { stageId, ...pick(change, EDITABLE) } }]),
    ...(wanted['archived'] === true && present.archivedAt === null
      ? [{ type: 'StageArchived' as const, data: { stageId } }]
      : []),
  ];
};

const reordering = (wanted: readonly Uuid[], present: readonly Stage[]): EventDraft[] => {
  const before = present.map((stage) => stage.id);
  const isNew = wanted.some((id) => !before.includes(id));
  const after = inOrder(present, wanted).map((stage) => stage.id);
  if (wanted.length === 0 || (!isNew && after.every((id, index) => id === before[index]))) return [];
  return [{ type: 'StagesReordered', data: { stageIds: wanted } }];
};

/** A stage of a new pipeline may leave its id to the server. */
export const pipelineCreation = (fields: Fields, newId: () => Uuid): EventDraft => {
  const stages = (fields['stages'] ?? []) as unknown as readonly Fields[];
  return {
    type: 'PipelineCreated',
    data: {
      ...pick(fields, ['name']),
      stages: stages.map((stage) => pick(withId(stage, newId), [...Object.keys(stage), 'id'])),
    },
  };
};
