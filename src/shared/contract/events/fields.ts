import * as z from 'zod/mini';
import { isCurrency } from '../../base/money.ts';
import { absentable } from '../absent.ts';
import { uuid } from '../envelope.ts';
import { OWNED_TYPES } from '../streams.ts';
import type { ContactMethod } from './shared-state.ts';

/**
 * Lengths are in Unicode code points, as zod, the SDK's schemas and the `maxLength` of JSON Schema count them: an emoji is
 * one where it is two UTF-16 units, and a letter with a combining accent is two.
 */
export const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
export const NAME_MAX = 300;
export const NOTE_MAX = 10_000;

export { absentable };

export const id = uuid;
export const name = text(NAME_MAX);
export const note = text(NOTE_MAX);
/** null clears the field. */
export const clearable = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));
/** A day that PostgreSQL takes too: no 31 February, no year 0. */
const isDay = (day: string): boolean => {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) && !day.startsWith('0000');
};
const isInstant = (value: string): boolean => !Number.isNaN(Date.parse(value)) && isDay(value.slice(0, 10));

/** Hours end at 23: Date.parse would take 24:00 and mean the next day. */
export const instant = z.string().check(
  z.regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,3})?Z$/, 'must be an ISO 8601 UTC time'),
  z.refine((value) => isInstant(value), 'is not a time that exists'),
);
export const date = z.string().check(
  z.regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date like 2026-11-22'),
  z.refine((value) => isDay(value), 'is not a day that exists'),
);

/** Minor units of the currency, so never a fraction. */
export const amountMinor = z.int().check(z.minimum(0, 'must not be negative'));
export const currency = z.string().check(z.refine((code) => isCurrency(code), 'must be an ISO 4217 code like EUR'));
export const quantity = z.int().check(z.minimum(1), z.maximum(1_000_000_000));
/** Basis points: 2500 is 25 %. */
export const basisPoints = z.int().check(z.minimum(0), z.maximum(10_000));

const contactMethod = z.strictObject({
  value: text(320),
  kind: absentable(text(40)),
  primary: absentable(z.boolean()),
});
const onePrimary = (methods: readonly ContactMethod[]): boolean =>
  methods.filter((m) => m.primary === true).length <= 1;
/** E-mail addresses or telephone numbers. */
export const contactMethods = z.array(contactMethod).check(
  z.maxLength(50),
  z.refine((methods) => onePrimary(methods), 'must have at most one primary'),
);

/** null clears the list: it is stored as an empty one. */
export const clearableMethods = z.optional(
  z.pipe(
    z.nullable(contactMethods),
    z.transform((methods) => methods ?? []),
  ),
);

const customKey = z
  .string()
  .check(z.regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be a letter, then letters, digits or _'));
const customValue = z.union([z.string().check(z.maxLength(4000)), z.number(), z.boolean(), z.null()]);
export const customFields = z
  .record(customKey, customValue)
  .check(z.refine((fields) => Object.keys(fields).length <= 100, 'must have at most 100 keys'));
export const reason = text(1000);

/** A list of ids without repetition. */
export const ids = (max: number) =>
  z.array(id).check(
    z.maxLength(max),
    z.refine((list) => new Set(list).size === list.length, 'must not repeat an id'),
  );

/** The record that an activity is about, and the version of it that the author saw. */
export const about = z.strictObject({
  type: z.enum(OWNED_TYPES),
  id,
  version: absentable(z.int().check(z.minimum(1))),
});
