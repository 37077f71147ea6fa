import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent, StoredEvent } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../src/shared/contract/events/registry.ts';
import { evolve } from '../../src/shared/domain/merge.ts';
import { deciderOf } from '../../src/shared/domain/registry.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';

/** How the network treats a request: the answer gets lost after the server took it, or the request arrives twice. */
export type Fault = 'none' | 'lost' | 'doubled';

interface Record_ {
  readonly type: StreamType;
  readonly version: number;
  readonly state: JsonObject;
}

interface Op extends Omit<StoredEvent, 'position'> {
  readonly op: 'enter' | 'event' | 'leave';
  readonly position: number;
  readonly state: JsonObject;
}

interface Answer {
  readonly results: readonly {
    readonly id: string;
    readonly status: string;
    readonly of?: string;
    readonly position?: number;
  }[];
  readonly mark?: string;
  readonly from: string | null;
  readonly cursor: string;
  readonly upToDate: boolean;
  readonly ops: readonly Op[];
}

/** A phone as far as the protocol goes: an outbox, confirmed records and a cursor. It follows page 2's rules for clients. */
export interface Device {
  readonly id: string;
  readonly outbox: ProposedEvent[];
  readonly records: Map<string, Record_>;
  /** Position of every event that an answer acknowledged. */
  readonly acknowledged: Map<string, number>;
  /** Id and code of every refusal. */
  readonly refused: Map<string, string>;
  readonly upToDate: () => boolean;
  readonly record: (type: EventType, streamId: string, data: JsonObject) => void;
  /** False where the server could not be reached or the answer was lost. */
  readonly sync: (address: string, fault: Fault) => Promise<boolean>;
}

const BATCH = 7;
const REQUEST_MS = 20_000;

export const createDevice = (id: string, token: () => string): Device => {
  const outbox: ProposedEvent[] = [];
  const records = new Map<string, Record_>();
  const acknowledged = new Map<string, number>();
  const refused = new Map<string, string>();
  const wanted = new Map<string, { type: string; id: string }>();
  let cursor: string | null = null;
  let mark: string | undefined;
  let upToDate = false;
  let time = 0;

  const send = async (address: string): Promise<Answer> => {
    const body = {
      protocol: 1,
      cursor,
      limit: 25,
      want: [...wanted.values()],
      events: outbox.slice(0, BATCH),
      ...(mark ? { mark } : {}),
    };
    const response = await fetch(`${address}/api/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };

  const acknowledge = ({ results }: Answer): void => {
    for (const result of results) {
      const at = outbox.findIndex((event) => event.id === result.id);
      if (at !== -1) outbox.splice(at, 1);
      if (result.position === undefined) refused.set(result.id, result.status);
      else if ((acknowledged.get(result.id) ?? result.position) !== result.position)
        throw new Error(`${result.id} moved`);
      else acknowledged.set(result.id, result.position);
    }
  };

  const applyEvent = (op: Op): void => {
    const { stream } = op;
    const before = records.get(stream.id);
    const version = before?.version ?? 0;
    if (op.version <= version) return;
    if (op.version > version + 1) return void wanted.set(stream.id, stream);
    const state = evolve(before?.state ?? deciderOf(stream.type).initialState, op);
    records.set(stream.id, { type: stream.type, version: op.version, state });
  };

  const apply = (answer: Answer): void => {
    if (answer.from !== cursor) return;
    for (const op of answer.ops) {
      if (op.op === 'event') applyEvent(op);
      else wanted.delete(op.stream.id);
      if (op.op === 'leave') records.delete(op.stream.id);
      const newer = op.op === 'enter' && op.version >= (records.get(op.stream.id)?.version ?? 0);
      if (newer) records.set(op.stream.id, { type: op.stream.type, version: op.version, state: op.state });
    }
    ({ cursor, upToDate } = answer);
    mark = answer.mark ?? mark;
  };

  return {
    id,
    outbox,
    records,
    acknowledged,
    refused,
    upToDate: () => upToDate && wanted.size === 0 && outbox.length === 0,
    record: (type, streamId, data) => {
      time = Math.max(time + 1, Date.now());
      const at = formatClock({ time, counter: 0, device: id });
      const stream = { type: definitionOf(type).stream, id: streamId };
      outbox.push({
        id: uuidv7(),
        type,
        schemaVersion: 1,
        stream,
        basedOn: records.get(streamId)?.version ?? 0,
        at,
        data,
      });
    },
    sync: async (address, fault) => {
      try {
        const [answer] = await Promise.all(fault === 'doubled' ? [send(address), send(address)] : [send(address)]);
        if (fault === 'lost') return false;
        acknowledge(answer);
        apply(answer);
        return true;
      } catch (error) {
        // A server that is down or was killed in mid-request; anything that it answered is a failure of the test.
        if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
        throw error;
      }
    },
  };
};
