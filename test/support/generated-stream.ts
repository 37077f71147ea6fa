import fc from 'fast-check';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { StoredEvent } from '../../src/shared/contract/envelope.ts';
import { definitionOf, eventTypesOf, type EventType } from '../../src/shared/contract/events/registry.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';
import type { DecideContext } from '../../src/shared/domain/decider.ts';
import { judge } from '../../src/shared/domain/judge.ts';
import { merge, type Folded } from '../../src/shared/domain/merge.ts';
import { deciderOf } from '../../src/shared/domain/registry.ts';
import { eventData, IDS } from './event-data.ts';

const RECEIVED = '2026-11-22T10:30:00.000Z';
const DEVICES = IDS.slice(0, 3);
const [STREAM = '', PIPELINE = ''] = IDS.slice(-2);

/** A pipeline whose stages have the generator's ids. */
export const generatedPipeline = {
  name: 'Sales',
  stages: (['open', 'open', 'open', 'open', 'won', 'lost'] as const).map((kind, index) => ({
    id: IDS[index] as Uuid,
    name: kind,
    kind,
    probabilityBp: kind === 'won' ? 10_000 : kind === 'lost' ? 0 : 1000 * (index + 1),
    rottenAfterDays: null,
    archivedAt: null,
  })),
};

const proposedStages = generatedPipeline.stages.map(({ id, name, kind, probabilityBp }) => ({
  id,
  name,
  kind,
  probabilityBp,
}));

export interface Attempt {
  readonly type: EventType;
  readonly data: JsonObject;
  readonly clock: string;
}

/** Minutes and devices are few, so that clocks collide and fall behind each other. */
const clock = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(...DEVICES))
  .map(([minute, device]) => `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000Z-0000-${device}`);

// Stages drawn at random hardly ever make a pipeline.
const dataOf = (type: EventType): fc.Arbitrary<JsonObject> =>
  type === 'PipelineCreated' ? fc.constant({ name: 'Sales', stages: proposedStages }) : eventData(type);

const changesOf = (stream: StreamType): EventType[] =>
  eventTypesOf(stream).filter((type) => definitionOf(type).creates !== true);

const attemptOf = (among: readonly EventType[]): fc.Arbitrary<Attempt> =>
  fc.constantFrom(...among).chain((type) => fc.record({ type: fc.constant(type), data: dataOf(type), clock }));

/** A creation and then whatever comes of `changes`; many an attempt will be refused. */
export const attempts = (
  stream: StreamType,
  changes: readonly EventType[] = changesOf(stream),
): fc.Arbitrary<readonly Attempt[]> => {
  const creations = eventTypesOf(stream).filter((type) => definitionOf(type).creates === true);
  return fc
    .tuple(attemptOf(creations), fc.array(attemptOf(changes), { maxLength: 25, size: 'max' }))
    .map(([first, rest]) => [first].concat(rest));
};

export interface Taken {
  readonly event: StoredEvent;
  /** What judge and merge made of the stream. */
  readonly after: Folded;
}

/** Puts the attempts to the rules one after the other; gives those that were taken. */
export const happen = (stream: StreamType, tried: readonly Attempt[]): readonly Taken[] => {
  const taken: Taken[] = [];
  for (const attempt of tried) {
    const next = step(stream, attempt, taken.at(-1)?.after);
    if (next !== undefined) taken.push(next);
  }
  return taken;
};

const step = (stream: StreamType, attempt: Attempt, before: Folded | undefined): Taken | undefined => {
  const ref = { type: stream, id: STREAM };
  const context: DecideContext = {
    streamId: STREAM,
    actor: IDS[0] as Uuid,
    clock: attempt.clock,
    receivedAt: RECEIVED,
    defaultPipelineId: PIPELINE,
    lookup: ({ type }) => (type === 'pipeline' ? generatedPipeline : { parentId: null }),
  };
  const judged = judge(before, { ...attempt, stream: ref }, context);
  if (!judged.ok) return undefined;
  const data = judged.value.data as JsonObject;
  const definition = definitionOf(attempt.type);
  const state = before?.state ?? deciderOf(stream).initialState;
  const version = (before?.version ?? 0) + 1;
  const writes = definition.writes(data, state);
  const { superseded, ...merged } = merge(
    { state, clocks: before?.clocks ?? {} },
    { writes, clock: attempt.clock, version },
  );
  const event: StoredEvent = {
    position: version,
    id: STREAM,
    stream: ref,
    version,
    type: attempt.type,
    schemaVersion: definition.schemaVersion,
    actor: context.actor,
    device: attempt.clock.slice(30),
    at: attempt.clock,
    clock: attempt.clock,
    recordedAt: RECEIVED,
    superseded,
    data,
  };
  return { event, after: { ...merged, version } };
};
