import fc from 'fast-check';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { StoredEvent } from '../../src/shared/contract/envelope.ts';
import { conflictsOf } from '../../src/shared/contract/conflicts.ts';
import { definitionOf, eventTypesOf, type EventType } from '../../src/shared/contract/events/registry.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';
import { merge, type Folded } from '../../src/shared/domain/merge.ts';
import { mergeClock, propose, storedAs, type ProposeContext, type Proposing } from '../../src/shared/domain/propose.ts';
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
  /** How many versions its author is behind. */
  readonly behind: number;
}

/** Minutes and devices are few, so that clocks collide and fall behind each other. */
const clock = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(...DEVICES))
  .map(([minute, device]) => `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000Z-0000-${device}`);

const behind = fc.constantFrom(0, 0, 1, 3);

// Stages drawn at random hardly ever make a pipeline.
const dataOf = (type: EventType): fc.Arbitrary<JsonObject> =>
  type === 'PipelineCreated' ? fc.constant({ name: 'Sales', stages: proposedStages }) : eventData(type);

/** None of a stream that is one event and stays as it is. */
export const changesOf = (stream: StreamType): EventType[] =>
  eventTypesOf(stream).filter((type) => {
    const { creates, serverMade } = definitionOf(type);
    return creates !== true && serverMade !== true;
  });

const attemptOf = (among: readonly EventType[]): fc.Arbitrary<Attempt> =>
  fc.constantFrom(...among).chain((type) => fc.record({ type: fc.constant(type), data: dataOf(type), clock, behind }));

/** A creation and then whatever comes of `changes`; many an attempt will be refused. */
export const attempts = (
  stream: StreamType,
  changes: readonly EventType[] = changesOf(stream),
): fc.Arbitrary<readonly Attempt[]> => {
  const creations = eventTypesOf(stream).filter((type) => definitionOf(type).creates === true);
  const later = changes.length === 0 ? fc.constant([]) : fc.array(attemptOf(changes), { maxLength: 25, size: 'max' });
  return fc.tuple(attemptOf(creations), later).map(([first, rest]) => [first].concat(rest));
};

export interface Taken {
  readonly event: StoredEvent;
  /** What judge and merge made of the stream. */
  readonly after: Folded;
}

/** Puts the attempts to the rules one after the other; gives those that were taken, or raised a conflict. */
export const happen = (stream: StreamType, tried: readonly Attempt[]): readonly Taken[] => {
  const taken: Taken[] = [];
  for (const attempt of tried) {
    const next = step(stream, attempt, taken);
    if (next !== undefined) taken.push(next);
  }
  return taken;
};

/** A resolution drawn at random hardly ever names a conflict that is open. */
const aimed = ({ type, data }: Attempt, state: JsonObject | undefined): JsonObject => {
  const open = type === 'ConflictResolved' && state !== undefined ? conflictsOf(state).at(-1) : undefined;
  return open === undefined ? data : { ...data, conflictId: open.conflictId };
};

const step = (stream: StreamType, attempt: Attempt, taken: readonly Taken[]): Taken | undefined => {
  const before = taken.at(-1)?.after;
  const ref = { type: stream, id: STREAM };
  const version = (before?.version ?? 0) + 1;
  const context: ProposeContext = {
    streamId: STREAM,
    actor: IDS[0] as Uuid,
    clock: attempt.clock,
    receivedAt: RECEIVED,
    defaultPipelineId: PIPELINE,
    lookup: ({ type }) => (type === 'pipeline' ? generatedPipeline : { parentId: null }),
    policyOf: () => 'conflict',
    past: (wanted) => taken[wanted - 1]?.after.state,
  };
  const event: Proposing = {
    id: `00000000-0000-4000-9000-${String(version).padStart(12, '0')}`,
    type: attempt.type,
    schemaVersion: definitionOf(attempt.type).schemaVersion,
    stream: ref,
    basedOn: Math.max(version - 1 - attempt.behind, 0),
    at: attempt.clock,
    data: aimed(attempt, before?.state),
  };
  const proposal = propose(before, event, context);
  if (!proposal.ok) return undefined;
  const merging = mergeClock(attempt.type, attempt.clock, before?.clocks ?? {});
  return stored(before, { ...event, ...storedAs(attempt.type, proposal.value), clock: merging, version });
};

type Storing = Pick<StoredEvent, 'id' | 'stream' | 'data' | 'clock' | 'version' | 'schemaVersion'> & {
  readonly type: EventType;
};

const stored = (before: Folded | undefined, storing: Storing): Taken => {
  const { stream, type, data, version } = storing;
  const state = before?.state ?? deciderOf(stream.type).initialState;
  const writes = definitionOf(type).writes(data, state);
  const { superseded, ...merged } = merge({ state, clocks: before?.clocks ?? {} }, { ...storing, writes });
  const event: StoredEvent = {
    ...storing,
    position: version,
    actor: IDS[0] as Uuid,
    device: storing.clock.slice(30),
    at: storing.clock,
    recordedAt: RECEIVED,
    superseded,
  };
  return { event, after: { ...merged, version } };
};
