import { v7 as uuidv7 } from 'uuid';
import type { EventType } from '../../src/shared/contract/events/registry.ts';
import { openRest, type Json, type RestBench } from './rest.ts';
import { proposed } from './workspace.ts';

/** What happened: when, what, to which stream, and the event's data. */
export type Happening = readonly [at: string, type: EventType, id: string, data: object];

/** Somebody who makes a history up and asks for its numbers. */
export interface Analyst extends AsyncDisposable {
  readonly rest: RestBench;
  /** By name, of the default pipeline. */
  readonly stages: Readonly<Record<string, string>>;
  /** The position of what happened last. */
  readonly head: () => number;
  /** Sends events as a phone that was offline, each at its own time: a day means its midnight. */
  readonly happened: (...events: readonly Happening[]) => Promise<void>;
  /** The answer of `waterfall?from=2025-01-01`, once the read models know all that happened. */
  readonly ask: (query: string) => Promise<Json>;
  /** The status of an answer and the path of its first error. */
  readonly refused: (query: string) => Promise<readonly [number, string | undefined]>;
}

export const openAnalyst = async (): Promise<Analyst> => {
  const rest = await openRest();
  const { items } = await rest.ok(200, 'GET', '/api/pipelines');
  const stages = Object.fromEntries(items[0].stages.map(({ name, id }: Json) => [name, id]));
  const device = rest.me.deviceId;
  let head = 0;
  const sent = ([at, type, id, data]: Happening, index: number) => ({
    ...proposed({ deviceId: device }, type, id, data as never),
    at: `${at.length === 10 ? `${at}T00:00:00.000Z` : at}-${String(index).padStart(4, '0')}-${device}`,
  });
  return {
    rest,
    stages,
    head: () => head,
    happened: async (...events) => {
      const { results } = await rest.ok(200, 'POST', '/api/sync', { protocol: 1, events: events.map(sent) });
      for (const result of results) {
        if (!['accepted', 'merged'].includes(result.status)) throw new Error(JSON.stringify(result));
      }
      head = results.at(-1).position;
    },
    ask: (query) => rest.ok(200, 'GET', `/api/analytics/${query}`, undefined, { 'x-min-position': String(head) }),
    refused: async (query) => {
      const response = await rest.call('GET', `/api/analytics/${query}`);
      return [response.statusCode, response.json<Json>()['errors']?.[0]?.path];
    },
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
};

/** The row of an answer that has these fields. */
export const rowOf = (answer: Json, fields: Json): Json | undefined =>
  answer['rows'].find((row: Json) => Object.entries(fields).every(([field, value]) => row[field] === value));

/** A new id, by name: the same one for the same name within a file. */
export const naming = (): ((name: string) => string) => {
  const ids = new Map<string, string>();
  return (name) => {
    const id = ids.get(name) ?? uuidv7();
    ids.set(name, id);
    return id;
  };
};
