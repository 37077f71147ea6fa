import * as z from 'zod';
import { isUuid } from '../../shared/base/ids.ts';
import type { FilterField, Kind, ListSpec } from './list-fields.ts';

export const LIMIT_MAX = 1000;
export const LIMIT_DEFAULT = 50;
/** Values of one `=` filter. */
const VALUES_MAX = 50;

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

const isDay = (text: string): boolean => {
  const time = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10)) && !text.startsWith('0000');
};

/** A day as it is, an instant in UTC: PostgreSQL knows fewer offsets than ECMAScript. */
export const utc = (text: string): string => (text.length === 10 ? text : new Date(text).toISOString());

const isInstant = (text: string): boolean =>
  INSTANT.test(text) && isDay(text) && !Number.isNaN(Date.parse(text)) && /^(?!0000)\d{4}-/.test(utc(text));

/** Whether PostgreSQL will take the text as a value of this kind: what fails here must never reach a cast. */
export const fits: Readonly<Record<Kind, (text: string) => boolean>> = {
  text: (text) => !text.includes('\0') && text.isWellFormed(),
  id: isUuid,
  instant: isInstant,
  date: (text) => DATE.test(text) && isDay(text),
  integer: (text) => /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)),
  boolean: (text) => text === 'true' || text === 'false',
};

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'must be text without NUL characters',
  id: 'must be a lower-case UUID',
  instant: 'must be a time like 2026-11-22T10:00:00Z or a date',
  date: 'must be a date like 2026-11-22',
  integer: 'must be a whole number',
  boolean: 'must be true or false',
};

/** A parameter of one value. */
export const parameter = (kind: Kind): z.ZodString =>
  z.string().max(1000).refine(fits[kind], EXPECTED[kind]).describe(EXPECTED[kind]);

const listOf = (kind: Kind): z.ZodType<readonly string[]> =>
  z
    .string()
    .max(4000)
    .describe(`${EXPECTED[kind]}, or several with commas between${kind === 'id' ? '; null finds what has none' : ''}`)
    .transform((text) => text.split(','))
    .refine((values) => values.length <= VALUES_MAX, `must have at most ${VALUES_MAX} values`)
    .refine(
      (values) => values.every((value) => (kind === 'id' && value === 'null') || fits[kind](value)),
      `${EXPECTED[kind]}, or several with commas between`,
    );

const filterParameter = (field: FilterField): z.ZodType<readonly string[]> =>
  field.operator === '=' || field.operator === 'contains'
    ? listOf(field.kind)
    : parameter(field.kind).transform((value) => [value]);

/** Whole numbers as text, within bounds; the default where the parameter is absent. */
export const wholeNumber = (min: number, max: number, fallback: number) =>
  z
    .string()
    .describe(`${min} to ${max}, ${fallback} by default`)
    .refine(fits.integer, EXPECTED.integer)
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .default(fallback);

/** The filters of a list: parameter → values, each checked. */
export const filterParameters = (
  spec: Pick<ListSpec, 'filters'>,
): Record<string, z.ZodOptional<z.ZodType<readonly string[]>>> =>
  Object.fromEntries(Object.entries(spec.filters).map(([name, field]) => [name, filterParameter(field).optional()]));

/** The orders of a list: `name`, or `-name` for descending. */
export const sortParameter = (spec: ListSpec) => {
  const names = Object.keys(spec.sorts);
  return z.enum([...names, ...names.map((name) => `-${name}`)] as [string, ...string[]]).default('-createdAt');
};
