import fc from 'fast-check';
import type * as z from 'zod/mini';
import type { JsonObject } from '../../src/shared/base/json.ts';
import { definitionOf, type EventType } from '../../src/shared/contract/events/registry.ts';

/** What the generator reads of a zod schema. */
interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly innerType?: Schema;
  /** Of a pipe: what is sent. */
  readonly in?: Schema;
  readonly element?: Schema;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string>>;
}
type Schema = z.ZodMiniType & { readonly def: Def };

/** Ids are few, so that generated events meet each other's streams, stages and line items. */
export const IDS = Array.from({ length: 7 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);

const TEXTS = [
  'Ada',
  'EUR',
  'JPY',
  '2026-01-31',
  '2026-12-31',
  '1.0825',
  '2026-11-22T09:00:00Z',
  'Europe/Berlin',
  'ada@example.com',
  'a'.repeat(64),
  'region',
  ...IDS,
];
const NUMBERS = [0, 1, 2, 500, 1000, 9999, 10_000, 123_456];

const fitting = <T>(schema: Schema, candidates: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...candidates.filter((candidate) => schema.safeParse(candidate).success));

const valueOf = (schema: Schema): fc.Arbitrary<unknown> => {
  const def = schema.def;
  const inner = (part: Schema | undefined): fc.Arbitrary<unknown> => valueOf(part as Schema);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the rest throws, so that nobody forgets it here
  switch (def.type) {
    case 'object':
      return objectOf(def.shape ?? {});
    case 'optional':
      return inner(def.innerType);
    case 'pipe':
      return inner(def.in);
    case 'nullable':
      return fc.option(inner(def.innerType), { freq: 3 });
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case 'string':
      return fitting(schema, TEXTS);
    case 'number':
      return fitting(schema, NUMBERS);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'unknown':
      return fc.constantFrom(null, ...TEXTS, ...NUMBERS);
    case 'union':
      return fc.oneof(...(def.options ?? []).map(valueOf));
    case 'array':
      return fc.array(inner(def.element), { minLength: 1, maxLength: 3 });
    case 'record':
      return fc.dictionary(inner(def.keyType) as fc.Arbitrary<string>, inner(def.valueType), { maxKeys: 2 });
    default:
      throw new Error(`the generator does not know the schema type ${def.type}: teach it`);
  }
};

const objectOf = (shape: Readonly<Record<string, Schema>>): fc.Arbitrary<object> => {
  const entries = Object.entries(shape);
  const required = entries.filter(([, part]) => part.def.type !== 'optional').map(([key]) => key);
  return fc.record(Object.fromEntries(entries.map(([key, part]) => [key, valueOf(part)])), { requiredKeys: required });
};

/** Data that the schema of an event takes, as it makes it. */
export const eventData = (type: EventType): fc.Arbitrary<JsonObject> => {
  const schema = definitionOf(type).schema as Schema;
  return valueOf(schema)
    .map((data) => schema.safeParse(data))
    .filter(({ success }) => success)
    .map(({ data }) => data as JsonObject);
};
