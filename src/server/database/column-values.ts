import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const JSON_TEXT = 114;
const JSONB = 3802;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

type Parse = (text: string) => unknown;

/** Of milliseconds whose last digit is not 0, which PostgreSQL leaves out: nine times in ten. */
const USUAL = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+00$/;

/**
 * `2026-11-22 10:00:00.123456+00`, as PostgreSQL writes it in UTC, to `2026-11-22T10:00:00.123Z`. Text that is no time
 * of the common era (`-infinity`, a year BC) stays as it is.
 */
export const isoTime = (text: string): string => {
  if (USUAL.test(text)) return `${text.slice(0, 10)}T${text.slice(11, 23)}Z`;
  const parts = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (parts === null) return text;
  return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`;
};

// pg's types know no arrays, its parsers do.
const textArray = pg.types.getTypeParser(INT8_ARRAY as typeof pg.types.builtins.INT8) as Parse;
const asIs: Parse = (text) => text;

const parsers = new Map<number, Parse>([
  // Positions stay far below 2^53: at 50,000 events a second a workspace gets there in 5,700 years.
  [INT8, Number],
  [INT8_ARRAY, (text) => (textArray(text) as string[]).map(Number)],
  // What is stored is forwarded untouched; who needs the value parses it.
  [JSON_TEXT, asIs],
  [JSONB, asIs],
  [DATE, asIs],
  [TIMESTAMPTZ, isoTime],
]);

/** How values of our pools arrive; given to each pool instead of changing pg's global table. */
export const columnValues: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : parsers.get(oid)) ??
    pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};
