import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { Json } from '../../base/json.ts';
import { eventsOf, given, recorded } from './definition.ts';
import * as field from './fields.ts';

export const STAGE_KINDS = ['open', 'won', 'lost'] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

export interface Stage {
  readonly id: Uuid;
  readonly name: string;
  readonly kind: StageKind;
  /** 10000 just for the won stage, 0 for lost ones. */
  readonly probabilityBp: number;
  /** A deal that stays longer is rotten. */
  readonly rottenAfterDays: number | null;
  /** An archived stage keeps its deals and takes no new ones. */
  readonly archivedAt: string | null;
}

export interface PipelineState {
  readonly name: string | null;
  /** In their order. */
  readonly stages: readonly Stage[];
}

export const initialPipeline: PipelineState = { name: null, stages: [] };

/** At most this many stages a pipeline, archived ones included. */
export const STAGES_MAX = 50;

const define = eventsOf<PipelineState>('pipeline');

const rottenAfterDays = z.int().check(z.minimum(1), z.maximum(3650));
const stage = z.strictObject({
  id: field.id,
  name: field.name,
  kind: z.enum(STAGE_KINDS),
  /** Needed for open stages; a won stage has 10000 and a lost one 0. */
  probabilityBp: field.absentable(field.basisPoints),
  rottenAfterDays: z.optional(z.nullable(rottenAfterDays)),
});
export type ProposedStage = z.output<typeof stage>;

const asJson = (stages: readonly Stage[]): Json => stages as unknown as Json;
/** What `change` makes of one stage, the others as they are. */
const changedStages = (stages: readonly Stage[], id: Uuid, change: Partial<Stage>): Json =>
  asJson(stages.map((candidate) => (candidate.id === id ? { ...candidate, ...change } : candidate)));

/** The stages in the order of `ids`; any that the ids leave out (added meanwhile, archived) keep their order behind them. */
export const inOrder = (stages: readonly Stage[], ids: readonly Uuid[]): readonly Stage[] => {
  const rank = (candidate: Stage): number => (ids.includes(candidate.id) ? ids.indexOf(candidate.id) : ids.length);
  return stages.toSorted((a, b) => rank(a) - rank(b));
};

export const pipelineEvents = {
  PipelineCreated: define({
    creates: true,
    schema: z.strictObject({ name: field.name, stages: z.array(stage).check(z.minLength(1), z.maxLength(STAGES_MAX)) }),
    /** The stages with all of their fields. */
    recorded: recorded<{ readonly stages: readonly Stage[] }>(),
    writes: (data) => ({ name: { name: data.name }, stages: { stages: asJson(data.stages) } }),
  }),
  StageAdded: define({
    schema: z.strictObject({
      stageId: field.id,
      name: field.name,
      kind: z.enum(STAGE_KINDS),
      probabilityBp: field.absentable(field.basisPoints),
      rottenAfterDays: z.optional(z.nullable(rottenAfterDays)),
      /** The place in the order, from 0; default: behind the last open stage. */
      index: field.absentable(z.int().check(z.minimum(0), z.maximum(STAGES_MAX))),
    }),
    recorded: recorded<{ readonly probabilityBp: number; readonly index: number }>(),
    writes: ({ stageId: id, name, kind, probabilityBp, rottenAfterDays: rotten = null, index }, state) => ({
      [`stages/${id}`]: {
        stages: asJson(
          state.stages.toSpliced(index, 0, {
            id,
            name,
            kind,
            probabilityBp,
            rottenAfterDays: rotten,
            archivedAt: null,
          }),
        ),
      },
    }),
  }),
  /** The kind of a stage never changes: deals that were won there would no longer be. */
  StageChanged: define({
    schema: z.strictObject({
      stageId: field.id,
      name: field.absentable(field.name),
      probabilityBp: field.absentable(field.basisPoints),
      rottenAfterDays: z.optional(z.nullable(rottenAfterDays)),
    }),
    writes: ({ stageId, ...change }, state) => ({
      [`stages/${stageId}`]: { stages: changedStages(state.stages, stageId, given(change)) },
    }),
  }),
  StagesReordered: define({
    schema: z.strictObject({ stageIds: field.ids(STAGES_MAX) }),
    writes: (data, state) => ({ stageOrder: { stages: asJson(inOrder(state.stages, data.stageIds)) } }),
  }),
  StageArchived: define({
    schema: z.strictObject({ stageId: field.id, reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly archivedAt: string }>(),
    writes: ({ stageId, archivedAt }, state) => ({
      [`stages/${stageId}/archived`]: { stages: changedStages(state.stages, stageId, { archivedAt }) },
    }),
  }),
};
