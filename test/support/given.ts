import { expect } from 'vitest';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { Json, JsonObject } from '../../src/shared/base/json.ts';
import { err, type Result } from '../../src/shared/base/result.ts';
import type { StreamRef } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventData, type EventType } from '../../src/shared/contract/events/registry.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';
import type { RegisterPolicy } from '../../src/shared/contract/events/workspace.ts';
import { occurrence } from '../../src/shared/contract/occurrence.ts';
import { rejection, type Rejection, type RejectionCode } from '../../src/shared/contract/rejections.ts';
import { merge, type Merged } from '../../src/shared/domain/merge.ts';
import { mergeClock, propose, storedAs, type Proposal, type Standing } from '../../src/shared/domain/propose.ts';
import { deciderOf } from '../../src/shared/domain/registry.ts';

/** A readable id for tests: `id('deal')` is always the same one. */
export const id = (name: string): Uuid => {
  const hex = Array.from(name, (letter) => letter.codePointAt(0)?.toString(16).padStart(2, '0')).join('');
  return `00000000-0000-4000-8${hex.slice(0, 3).padStart(3, '0')}-${hex.slice(3, 15).padStart(12, '0')}`;
};

export const ACTOR = id('me');
const DEVICE = 'phone';

export interface Fact {
  readonly type: EventType;
  readonly data: JsonObject;
  readonly stream: StreamRef;
  /** Minutes after 10:00 at which it occurred, and was received; default: one more than the fact before. */
  readonly minute: number | undefined;
  /** What the device of it is called. */
  readonly device: string;
  /** The version that its author had seen; default: the present one. */
  readonly basedOn: number | undefined;
  /** What the event is called; default: nothing in particular. */
  readonly name: string;
}

interface Where {
  /** Default: the stream that is named like its type. */
  readonly stream?: Uuid;
  /** For events of several stream types. */
  readonly of?: StreamType;
  readonly minute?: number;
  readonly device?: string;
  readonly basedOn?: number;
  readonly name?: string;
}

/** An event as somebody proposes it. */
export const fact = <T extends EventType>(type: T, data: EventData<T>, where: Where = {}): Fact => {
  const stream = where.of ?? definitionOf(type).stream;
  return {
    type,
    data: data as JsonObject,
    stream: { type: stream, id: where.stream ?? id(stream) },
    minute: where.minute,
    device: where.device ?? DEVICE,
    basedOn: where.basedOn,
    name: where.name ?? 'event',
  };
};

/** The same, but with data that may break the schema. */
export const malformed = (type: EventType, data: object): Fact => fact(type, data as never);

const timeOf = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();

interface Stream extends Merged, Standing {
  readonly createdAt: string;
  readonly type: string;
  /** The fields after each version, from the first on. */
  readonly past: readonly JsonObject[];
}

interface Outcome {
  readonly result: Result<Proposal, Rejection>;
  readonly state: JsonObject;
  readonly superseded: readonly string[];
}

interface Options {
  readonly defaultPipelineId?: Uuid | undefined;
  /** Of every register. */
  readonly policy?: RegisterPolicy;
}

/**
 * What happened so far. Each fact goes through schema, rules and merge, as on the server, and may raise a conflict; a
 * refused one fails the test.
 */
export const given = (...facts: readonly Fact[]) => {
  const streams = new Map<Uuid, Stream>();
  for (const [index, past] of facts.entries()) {
    const { result } = happen(streams, past, index);
    expect(result, `given ${past.type}`).toMatchObject({ ok: true });
  }
  return {
    when: (proposed: Fact, options: Options = {}) => assertions(happen(streams, proposed, facts.length, options)),
  };
};

const assertions = (outcome: Outcome) => {
  const { result, state, superseded } = outcome;
  const taken = (): void => expect(result).toMatchObject({ ok: true, value: { kind: 'change' } });
  return {
    /** It is taken and the log stores this data, perhaps among more. */
    expects: (data: object) => {
      expect(result).toMatchObject({ ok: true, value: { kind: 'change', data } });
      return assertions(outcome);
    },
    /** It is taken and the state then has these fields, among others. */
    leaves: (fields: object) => {
      taken();
      expect(state).toMatchObject(fields);
      return assertions(outcome);
    },
    /** It is taken and the field of the state then is just this. */
    leavesExactly: (field: string, value: Json) => {
      taken();
      expect(state[field]).toEqual(value);
      return assertions(outcome);
    },
    /** It is taken, but these fields had a newer value. */
    loses: (...fields: readonly string[]) => {
      taken();
      expect(superseded).toEqual(fields);
      return assertions(outcome);
    },
    /** It is not taken, but asked about: the conflict says this, among more. */
    asks: (conflict: object) => {
      expect(result).toMatchObject({ ok: true, value: { kind: 'conflict', conflict } });
      return assertions(outcome);
    },
    /** Whatever became of it, the state then has these fields, among others. */
    keeps: (fields: object) => {
      expect(state).toMatchObject(fields);
      return assertions(outcome);
    },
    /** It is refused for this reason, naming this path of the event. */
    refuses: (code: RejectionCode, path?: string) => {
      expect(result).toMatchObject({ ok: false, error: { code } });
      if (path !== undefined && !result.ok) expect(result.error.fields?.map((field) => field.path)).toContain(path);
    },
  };
};

const happen = (streams: Map<Uuid, Stream>, event: Fact, order: number, options: Options = {}): Outcome => {
  const minute = event.minute ?? order;
  const before = streams.get(event.stream.id);
  const definition = definitionOf(event.type);
  const sent = `${timeOf(minute)}-0000-${id(event.device)}`;
  const clock = mergeClock(event.type, sent, before?.clocks ?? {});
  const unchanged = { state: before?.state ?? {}, superseded: [] };
  const parsed = definition.schema.safeParse(event.data);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path, message }) => ({ path: ['data', ...path].join('.'), message }));
    return { result: err(rejection('invalid', 'schema', fields)), ...unchanged };
  }
  const result = propose(
    before,
    {
      ...event,
      id: id(event.name),
      schemaVersion: definition.schemaVersion,
      basedOn: event.basedOn ?? before?.version ?? 0,
      at: sent,
      data: parsed.data as JsonObject,
    },
    {
      streamId: event.stream.id,
      actor: ACTOR,
      clock,
      receivedAt: timeOf(minute),
      defaultPipelineId: 'defaultPipelineId' in options ? options.defaultPipelineId : id('pipeline'),
      lookup: (ref) => {
        const found = streams.get(ref.id);
        return found?.type === ref.type ? found.state : undefined;
      },
      policyOf: () => options.policy ?? 'conflict',
      past: (version) => before?.past[version - 1],
    },
  );
  if (!result.ok) return { result, ...unchanged };
  const { type, data } = storedAs(event.type, result.value);
  const state = before?.state ?? deciderOf(event.stream.type).initialState;
  const version = (before?.version ?? 0) + 1;
  const writes = definitionOf(type).writes(data, state);
  const merged = merge({ state, clocks: before?.clocks ?? {} }, { type, data, writes, clock, version });
  const createdAt = before?.createdAt ?? occurrence(clock, timeOf(minute));
  const past = [...(before?.past ?? []), merged.state];
  streams.set(event.stream.id, { ...merged, version, createdAt, type: event.stream.type, past });
  return { result, state: merged.state, superseded: merged.superseded };
};
