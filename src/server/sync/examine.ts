import * as z from 'zod/mini';
import { canonicalJson } from '../../shared/base/canonical-json.ts';
import { firstFlaw } from '../../shared/base/ijson.ts';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/base/json.ts';
import { EVENT_BYTES_MAX, proposedEvent, type ProposedEvent } from '../../shared/contract/envelope.ts';
import type { AnyEventDefinition } from '../../shared/contract/events/definition.ts';
import { definitionOf, isEventType, type EventType } from '../../shared/contract/events/registry.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import { rejection, type FieldError, type Rejection } from '../../shared/contract/rejections.ts';
import { keyedHash } from './keyed-hash.ts';

/** An event that is well formed by itself; whether it may happen is for the rules. */
export interface WellFormed {
  readonly proposed: ProposedEvent;
  readonly type: EventType;
  readonly definition: AnyEventDefinition;
  /** Of the newest schema version. */
  readonly data: JsonObject;
}

export interface Examined {
  /** null where what was sent has no usable id; such an event cannot be remembered. */
  readonly id: Uuid | null;
  /** What was sent as id, for the verdict to name. */
  readonly sentId: string | null;
  /** Keyed hash of the canonical JSON of the whole event as it was sent, `\x…`. */
  readonly contentHash: string;
  /** UTF-8 bytes of that JSON. */
  readonly bytes: number;
  /** As sent, also where the event is malformed: the rest of its group must not happen without it. */
  readonly group: Uuid | undefined;
  /** The stream that the event would create; later events of that stream depend on it. */
  readonly creates: Uuid | undefined;
  readonly event: WellFormed | Rejection;
}

export const isWellFormed = (event: WellFormed | Rejection): event is WellFormed => 'proposed' in event;

/** Mistakes that a refusal names. */
const ISSUES_MAX = 20;

const fieldErrors = (error: z.core.$ZodError, prefix: string): FieldError[] =>
  error.issues.slice(0, ISSUES_MAX).flatMap((issue) => {
    const path = [prefix, ...issue.path.map(String)].filter((part) => part !== '');
    if (issue.code !== 'unrecognized_keys') return { path: path.join('.') || 'event', message: issue.message };
    const unknown = issue.keys.slice(0, ISSUES_MAX);
    return unknown.map((key) => ({ path: [...path, key].join('.'), message: 'is not a field of this event' }));
  });

const invalid = (error: z.core.$ZodError, prefix: string): Rejection => {
  const fields = fieldErrors(error, prefix);
  return rejection('invalid', fields.map(({ path, message }) => `${path}: ${message}`).join('; '), fields);
};

const flaw = (raw: unknown, bytes: number): Rejection | undefined => {
  if (bytes > EVENT_BYTES_MAX) {
    return rejection('invalid', `an event holds at most ${EVENT_BYTES_MAX} bytes, this one has ${bytes}`, [
      { path: 'data', message: 'is too long' },
    ]);
  }
  const found = firstFlaw(raw);
  return found === undefined ? undefined : rejection('invalid', `${found.path}: ${found.message}`, [found]);
};

const serverMade = (type: EventType): Rejection =>
  rejection('invalid', `${type} is made by the server alone`, [
    { path: 'type', message: 'is made by the server alone' },
  ]);

const wellFormed = (raw: unknown): WellFormed | Rejection => {
  const envelope = z.safeParse(proposedEvent, raw);
  if (!envelope.success) return invalid(envelope.error, '');
  const proposed = envelope.data as ProposedEvent;
  const { type, schemaVersion } = proposed;
  if (!isEventType(type)) return rejection('unknown_type', `${type} is not an event type that this server knows`);
  const definition = definitionOf(type);
  const newest = upcast(type, schemaVersion, proposed.data);
  if (newest === undefined) {
    return rejection('unknown_type', `this server knows ${type} up to schema version ${definition.schemaVersion}`);
  }
  if (definition.serverMade === true) return serverMade(type);
  if (!definition.streams.includes(proposed.stream.type)) {
    const right = definition.streams.join(' or ');
    return rejection('invalid', `${type} is an event of a ${right}, not of a ${proposed.stream.type}`, [
      { path: 'stream.type', message: `must be ${right}` },
    ]);
  }
  const data = z.safeParse(definition.schema, newest.data);
  return data.success ? { proposed, type, definition, data: data.data as JsonObject } : invalid(data.error, 'data');
};

const SENT_ID_MAX = 100;

/** Parses one event of a request, whatever it is; never throws. The body has passed the gate: its depth is bounded. */
export const examine = (raw: unknown, contentKey: string): Examined => {
  const canonical = canonicalJson(raw as Json);
  const bytes = Buffer.byteLength(canonical);
  const sent = isJsonObject(raw) ? raw['id'] : undefined;
  const sentId = typeof sent === 'string' && sent.length <= SENT_ID_MAX ? sent : null;
  const id = isUuid(sent) ? sent : null;
  const contentHash = `\\x${keyedHash(canonical, contentKey)}`;
  const event = flaw(raw, bytes) ?? wellFormed(raw);
  return { id, sentId, contentHash, bytes, group: uuidAt(raw, 'group'), creates: createdStream(raw), event };
};

const uuidAt = (raw: unknown, key: string): Uuid | undefined => {
  const value = isJsonObject(raw) ? raw[key] : undefined;
  return isUuid(value) ? value : undefined;
};

const createdStream = (raw: unknown): Uuid | undefined => {
  if (!isJsonObject(raw) || typeof raw['type'] !== 'string') return undefined;
  const { type, basedOn } = raw;
  // Of a type that is not known here, what the device says of it is all there is to go by.
  const creates = isEventType(type) ? definitionOf(type).creates === true : basedOn === 0;
  return creates ? uuidAt(raw['stream'], 'id') : undefined;
};
