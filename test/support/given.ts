import { expect } from 'vitest';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { Json, JsonObject } from '../../src/shared/base/json.ts';
import { err, type Result } from '../../src/shared/base/result.ts';
import type { StreamRef } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventData, type EventType } from '../../src/shared/contract/events/registry.ts';
import { occurrence } from '../../src/shared/contract/occurrence.ts';
import { rejection, type Rejection, type RejectionCode } from '../../src/shared/contract/rejections.ts';
import { judge, type Current } from '../../src/shared/domain/judge.ts';
import { merge, type Merged } from '../../src/shared/domain/merge.ts';
import { deciderOf } from '../../src/shared/domain/registry.ts';

/** A readable id for tests: `id('deal')` is always the same one. */
export const id = (name: string): Uuid => {
  const hex = Array.from(name, (letter) => letter.codePointAt(0)?.toString(16).padStart(2, '0')).join('');
  return `00000000-0000-4000-8${hex.slice(0, 3).padStart(3, '0')}-${hex.slice(3, 15).padStart(12, '0')}`;
};

export const ACTOR = id('me');
const DEVICE = id('phone');

export interface Fact {
  readonly type: EventType;
  readonly data: JsonObject;
  readonly stream: StreamRef;
  /** Minutes after 10:00 at which it occurred, and was received; default: one more than the fact before. */
  readonly minute: number | undefined;
}

interface Where {
  /** Default: the stream that is named like its type. */
  readonly stream?: Uuid;
  readonly minute?: number;
}

/** An event as somebody proposes it. */
export const fact = <T extends EventType>(type: T, data: EventData<T>, where: Where = {}): Fact => {
  const { stream } = definitionOf(type);
  return {
    type,
    data: data as JsonObject,
    stream: { type: stream, id: where.stream ?? id(stream) },
    minute: where.minute,
  };
};

/** The same, but with data that may break the schema. */
export const malformed = (type: EventType, data: object): Fact => fact(type, data as never);

const timeOf = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();

interface Stream extends Merged, Current {
  readonly createdAt: string;
  readonly type: string;
}

interface Outcome {
  readonly result: Result<{ readonly data: JsonObject }, Rejection>;
  readonly state: JsonObject;
  readonly superseded: readonly string[];
}

interface Options {
  readonly defaultPipelineId?: Uuid | undefined;
}

/** What happened so far. Each fact goes through schema, judge and merge, as on the server; a refused one fails the test. */
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

const assertions = ({ result, state, superseded }: Outcome) => ({
  /** It is taken and the log stores this data, perhaps among more. */
  expects: (data: object) => {
    expect(result).toMatchObject({ ok: true, value: { data } });
    return assertions({ result, state, superseded });
  },
  /** It is taken and the state then has these fields, among others. */
  leaves: (fields: object) => {
    expect(result).toMatchObject({ ok: true });
    expect(state).toMatchObject(fields);
    return assertions({ result, state, superseded });
  },
  /** It is taken and the field of the state then is just this. */
  leavesExactly: (field: string, value: Json) => {
    expect(result).toMatchObject({ ok: true });
    expect(state[field]).toEqual(value);
    return assertions({ result, state, superseded });
  },
  /** It is taken, but these fields had a newer value. */
  loses: (...fields: readonly string[]) => {
    expect(result).toMatchObject({ ok: true });
    expect(superseded).toEqual(fields);
    return assertions({ result, state, superseded });
  },
  /** It is refused for this reason, naming this path of the event. */
  refuses: (code: RejectionCode, path?: string) => {
    expect(result).toMatchObject({ ok: false, error: { code } });
    if (path !== undefined && !result.ok) expect(result.error.fields?.map((field) => field.path)).toContain(path);
  },
});

const happen = (streams: Map<Uuid, Stream>, event: Fact, order: number, options: Options = {}): Outcome => {
  const minute = event.minute ?? order;
  const before = streams.get(event.stream.id);
  const definition = definitionOf(event.type);
  const clock = `${timeOf(minute)}-0000-${DEVICE}`;
  const unchanged = { state: before?.state ?? {}, superseded: [] };
  const parsed = definition.schema.safeParse(event.data);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path, message }) => ({ path: ['data', ...path].join('.'), message }));
    return { result: err(rejection('invalid', 'schema', fields)), ...unchanged };
  }
  const result = judge(
    before,
    { ...event, data: parsed.data as JsonObject },
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
    },
  );
  if (!result.ok) return { result, ...unchanged };
  const data = result.value.data as JsonObject;
  const state = before?.state ?? deciderOf(event.stream.type).initialState;
  const version = (before?.version ?? 0) + 1;
  const merged = merge(
    { state, clocks: before?.clocks ?? {} },
    { writes: definition.writes(data, state), clock, version },
  );
  const createdAt = before?.createdAt ?? occurrence(clock, timeOf(minute));
  streams.set(event.stream.id, { ...merged, version, createdAt, type: event.stream.type });
  return { result: { ok: true, value: { data } }, state: merged.state, superseded: merged.superseded };
};
