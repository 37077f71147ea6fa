import * as z from 'zod/mini';
import { parseClock, type HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { absentable } from './absent.ts';
import type { StreamType } from './streams.ts';

/** At most this many bytes of canonical JSON an event; more is that event's `invalid`. */
export const EVENT_BYTES_MAX = 32 * 1024;
/** At most this many bytes of JSON a state, so that a page of one always fits a phone's storage. */
export const STATE_BYTES_MAX = 96 * 1024;
/** At most this many events that share a `group`. */
export const GROUP_EVENTS_MAX = 200;

export const uuid = z
  .string()
  .check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID'));

/** Any short word as type: newer apps know streams that this server does not, and are told so event by event. */
export const streamRef = z.strictObject({ type: z.string().check(z.minLength(1), z.maxLength(100)), id: uuid });
export interface StreamRef {
  readonly type: StreamType;
  readonly id: Uuid;
}

const clock = z
  .string()
  .check(
    z.refine(
      (text) => parseClock(text) !== undefined,
      'must be a hybrid clock: 2026-11-22T10:00:00.000Z-0001-<device id>',
    ),
  );

/** An event as a device proposes it; `data` is parsed apart, by the schema of its type. */
export const proposedEvent = z.strictObject({
  id: uuid,
  type: z.string().check(z.minLength(1), z.maxLength(100)),
  schemaVersion: z.int().check(z.minimum(1), z.maximum(1000)),
  stream: streamRef,
  basedOn: z.int().check(z.minimum(0)),
  at: clock,
  group: absentable(uuid),
  // Not a record: that would copy what the schema of the type is about to parse anyway.
  data: z.custom<JsonObject>(isJsonObject, 'must be an object'),
});

export interface ProposedEvent {
  readonly id: Uuid;
  readonly type: string;
  readonly schemaVersion: number;
  readonly stream: StreamRef;
  readonly basedOn: number;
  readonly at: HybridClock;
  readonly group?: Uuid | undefined;
  readonly data: JsonObject;
}

/** An event as the log keeps it and as clients and projections read it. Times are ISO 8601 UTC. */
export interface StoredEvent {
  readonly position: number;
  readonly id: Uuid;
  readonly stream: StreamRef;
  /** The stream's version after this event: 1, 2, 3 … */
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly actor: Uuid;
  readonly device: Uuid;
  readonly at: HybridClock;
  /** The effective clock, by which registers merge. */
  readonly clock: HybridClock;
  readonly recordedAt: string;
  /** State fields that lost against a newer clock; a fold leaves them alone. */
  readonly superseded: readonly string[];
  readonly data: JsonObject;
}

/** When a register last changed. */
export interface RegisterClock {
  /** Its device made the change. */
  readonly clock: HybridClock;
  readonly version: number;
  /** Version of the newest change that was not that device's own: by another device, or by a conflict's resolution. */
  readonly other?: number;
}

/** The last change of each register; `*` stands for all that the creation wrote. */
export type RegisterClocks = Readonly<Record<string, RegisterClock>>;
