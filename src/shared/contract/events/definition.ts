import type * as z from 'zod/mini';
import type { Json } from '../../base/json.ts';
import type { StreamRef } from '../envelope.ts';
import type { StreamType } from '../streams.ts';

/**
 * What an event writes: register → state field → value. A register is one field, or the fields that an invariant ties
 * together (*money*, *progress*, *ownership*); it wins or loses as a whole. The field `customFields.x` is the key x of
 * the object customFields, a register of its own.
 */
export type Writes = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** A stream that an event's data refers to; it must exist and be visible to the author. */
export interface Reference {
  /** Path in the data: `companyId`, `about.id`. */
  readonly path: string;
  readonly ref: StreamRef;
}

export interface EventDefinition<Sent, Recorded, S> {
  /** Where several types of streams have the event, the first of them. */
  readonly stream: StreamType;
  readonly streams: readonly StreamType[];
  /** Refused in an upload. */
  readonly serverMade?: true;
  /** The newest schema version; older ones come through `upcast`. */
  readonly schemaVersion: number;
  /** The first event of a stream, and only the first. */
  readonly creates?: true;
  /** Strict: what a client may send. */
  readonly schema: z.ZodMiniType<Sent>;
  /** Data fields that are about a natural person; the proof keeps only a commitment to them. */
  readonly personal: readonly string[];
  readonly references: (data: Sent) => readonly Reference[];
  /** Pure, and the same on phone, server and in projections: fields that the data leaves out are not written. */
  readonly writes: (data: Recorded, state: S) => Writes;
}

// A definition of some event, when code treats all of them alike.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyEventDefinition = EventDefinition<any, any, any>;

/** What the rules add to the sent data before it is stored (the stage's probability at the time, for one). */
// A type of its own in the call of `define`: TypeScript infers all type arguments of a call or none.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export const recorded = <Extra>(): { readonly extra?: Extra } => ({});

interface Spec<Schema extends z.ZodMiniType, Extra, S> {
  readonly schemaVersion?: number;
  readonly creates?: true;
  readonly serverMade?: true;
  readonly schema: Schema;
  readonly recorded?: { readonly extra?: Extra };
  readonly personal?: readonly string[];
  readonly references?: (data: z.output<Schema>) => readonly Reference[];
  readonly writes: (data: z.output<Schema> & Extra, state: S) => Writes;
}

/** Definitions of one stream type whose state is `S`, or of several whose states have what `S` has. */
export const eventsOf =
  <S>(stream: StreamType, ...others: readonly StreamType[]) =>
  <Schema extends z.ZodMiniType, Extra = unknown>(
    spec: Spec<Schema, Extra, S>,
  ): EventDefinition<z.output<Schema>, z.output<Schema> & Extra, S> => ({
    stream,
    streams: [stream, ...others],
    schemaVersion: spec.schemaVersion ?? 1,
    ...(spec.creates ? { creates: true as const } : {}),
    ...(spec.serverMade ? { serverMade: true as const } : {}),
    schema: spec.schema as unknown as z.ZodMiniType<z.output<Schema>>,
    personal: spec.personal ?? [],
    references: spec.references ?? (() => []),
    writes: spec.writes,
  });

/** The data fields among `keys` that are present, each its own register. */
export const each = <D extends object>(data: D, keys: readonly (keyof D & string)[]): Writes => {
  const writes: Record<string, Record<string, Json>> = {};
  for (const key of keys) if (data[key] !== undefined) writes[key] = { [key]: data[key] as Json };
  return writes;
};

/** The data fields among `keys` that are present, as one register; nothing where all are absent. */
export const together = <D extends object>(register: string, data: D, keys: readonly (keyof D & string)[]): Writes => {
  const fields: Record<string, Json> = {};
  for (const key of keys) if (data[key] !== undefined) fields[key] = data[key] as Json;
  return Object.keys(fields).length === 0 ? {} : { [register]: fields };
};

/** `fields` without those that are absent, for laying over a value. */
export const given = <F extends object>(fields: F): Given<F> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<F>;
type Given<F> = { [K in keyof F]?: Exclude<F[K], undefined> };

/**
 * One register a key, so that two phones that fill different custom fields both win; null removes the key.
 *
 * @param present of the state; null instead of an object removes every key that it has
 */
export const customFieldWrites = (
  customFields: Readonly<Record<string, Json>> | null | undefined,
  present: Readonly<Record<string, Json>> = {},
): Writes => {
  const writes: Record<string, Record<string, Json>> = {};
  if (customFields === undefined) return writes;
  const cleared = () => Object.keys(present).map((key) => [key, null] as const);
  for (const [key, value] of customFields === null ? cleared() : Object.entries(customFields)) {
    writes[`customFields.${key}`] = { [`customFields.${key}`]: value };
  }
  return writes;
};
