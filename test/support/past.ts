import type { EventType } from '../../src/shared/contract/events/registry.ts';
import { openRest, type Json, type RestBench } from './rest.ts';
import { proposed } from './workspace.ts';

export type Happened = readonly [at: string, type: EventType, id: string, data: object];

/** A workspace whose history is made by hand, and asked about. */
export interface PastBench extends AsyncDisposable {
  readonly rest: RestBench;
  /** The default pipeline's stages by name. */
  readonly stages: Record<string, string>;
  readonly pipelineId: string;
  /** Sends events as a phone that was offline: each at its own time, all recorded now. Answers the head. */
  happened(events: readonly Happened[]): Promise<number>;
  /** The same for events that may be refused. */
  attempted(events: readonly Happened[]): Promise<number>;
  /** A metric's answer over everything that happened. */
  ask(query: string): Promise<Json>;
}

/** A day as an instant. */
export const day = (text: string): string => `${text}T00:00:00.000Z`;

export const rowOf = (answer: Json, fields: Json): Json =>
  answer['rows'].find((row: Json) => Object.entries(fields).every(([key, value]) => row[key] === value));

export const openPast = async (): Promise<PastBench> => {
  const rest = await openRest();
  const [pipeline] = (await rest.ok(200, 'GET', '/api/pipelines'))['items'];
  let head = 0;
  let counter = 0;
  const send = async (events: readonly Happened[]): Promise<readonly Json[]> => {
    const device = rest.me.deviceId;
    const sent = events.map(([at, type, id, data]) =>
      Object.assign(proposed({ deviceId: device }, type, id, data as never), {
        at: `${at}-${String((counter += 1)).padStart(4, '0')}-${device}`,
      }),
    );
    const answer = (await rest.call('POST', '/api/sync', { protocol: 1, events: sent })).json();
    head = answer.head;
    // Not left to the patience of a question: a busy machine may take longer.
    await rest.projector.idle();
    return answer.results;
  };
  const happened: PastBench['happened'] = async (events) => {
    const results = await send(events);
    for (const result of results)
      if (result['status'] !== 'accepted' && result['status'] !== 'merged') throw new Error(JSON.stringify(result));
    return results.at(-1)?.['position'] as number;
  };
  const attempted: PastBench['attempted'] = async (events) => {
    await send(events);
    return head;
  };
  return {
    rest,
    pipelineId: pipeline.id,
    stages: Object.fromEntries(pipeline.stages.map(({ name, id }: { name: string; id: string }) => [name, id])),
    happened,
    attempted,
    ask: (query) => rest.ok(200, 'GET', `/api/analytics/${query}`, undefined, { 'x-min-position': String(head) }),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
};
