import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../src/shared/contract/events/registry.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';
import { PASSWORD, postJson, type TestApp } from './app.ts';
import type { Json } from './rest.ts';

/** What an event says besides its type and data. */
interface Saying {
  readonly basedOn?: number;
  /** ISO time; default: now. */
  readonly time?: string;
  readonly of?: StreamType;
  readonly group?: Uuid;
}

/** One of a user's devices: signed in, with a clock of its own. */
export interface Phone {
  readonly id: Uuid;
  readonly event: (type: EventType, streamId: Uuid, data: object, saying?: Saying) => ProposedEvent;
  /** The results of a push. */
  readonly push: (...events: readonly ProposedEvent[]) => Promise<Json[]>;
  /** The whole answer of `POST /api/sync`. */
  readonly sync: (body: object) => Promise<Json>;
  /** The present state of a stream, with its version and clocks, as `want` brings it. */
  readonly see: (type: StreamType, id: Uuid) => Promise<Json>;
}

let last = 0;
const nextTime = (): number => (last = Math.max(last + 1, Date.now()));

/** Signs a user in on a new device. */
export const openPhone = async ({ app }: TestApp, { user }: Pick<SignedIn, 'user'>): Promise<Phone> => {
  const device = { id: uuidv7(), name: 'Phone', platform: 'test' };
  const signedIn = await postJson(app, '/api/auth/sign-in', { email: user.email, password: PASSWORD, device });
  if (signedIn.statusCode !== 200) throw new Error(`sign-in: ${signedIn.statusCode} ${signedIn.payload}`);
  const { accessToken } = signedIn.json<SignedIn>();
  const sync = async (body: object): Promise<Json> => {
    const response = await postJson(app, '/api/sync', { protocol: 1, ...body }, accessToken);
    if (response.statusCode !== 200) throw new Error(`sync: ${response.statusCode} ${response.payload}`);
    return response.json<Json>();
  };
  return {
    id: device.id,
    sync,
    push: async (...events) => (await sync({ events }))['results'] as Json[],
    see: async (type, id) => {
      const { ops } = await sync({ cursor: null, limit: 1, want: [{ type, id }] });
      return (ops as Json[])[0] as Json;
    },
    event: (type, streamId, data, { basedOn = 0, time, of, group } = {}) => ({
      id: uuidv7(),
      type,
      schemaVersion: 1,
      stream: { type: of ?? definitionOf(type).stream, id: streamId },
      basedOn,
      at: formatClock({ time: time === undefined ? nextTime() : Date.parse(time), counter: 0, device: device.id }),
      ...(group === undefined ? {} : { group }),
      data: data as JsonObject,
    }),
  };
};
