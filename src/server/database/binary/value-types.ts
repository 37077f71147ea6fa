import { arrayOf } from './array.ts';
import { bytea, uuid, uuidColumn } from './hexadecimal.ts';
import { bigint, boolean, integer, numeric, smallint } from './numbers.ts';
import { json, text } from './texts.ts';
import { date, timestamptz } from './times.ts';
import type { WriteValue } from './value.ts';

const TEXT = 25;
const UUID = 2950;

/** The OIDs are those of PostgreSQL's src/include/catalog/pg_type.dat, which never change. */
const TYPES: Readonly<Record<string, { readonly oid: number; readonly writer: () => WriteValue }>> = {
  integer: { oid: 23, writer: () => integer },
  bigint: { oid: 20, writer: () => bigint },
  boolean: { oid: 16, writer: () => boolean },
  text: { oid: TEXT, writer: () => text },
  'text[]': { oid: 1009, writer: () => arrayOf(TEXT, text) },
  smallint: { oid: 21, writer: () => smallint },
  bytea: { oid: 17, writer: () => bytea },
  json: { oid: 114, writer: () => json },
  uuid: { oid: UUID, writer: uuidColumn },
  'uuid[]': { oid: 2951, writer: () => arrayOf(UUID, uuid) },
  timestamptz: { oid: 1184, writer: () => timestamptz },
  date: { oid: 1082, writer: () => date },
  numeric: { oid: 1700, writer: () => numeric },
};

const typeNamed = (type: string) => {
  const known = TYPES[type.replace(/\(.*\)$/, '')];
  if (known === undefined)
    throw new TypeError(`values of type ${type} cannot be written: add it to database/binary/value-types.ts`);
  return known;
};

/**
 * How the values of one column are written. Sources: the types' `recv` functions in PostgreSQL's src/backend/utils/adt.
 *
 * @param type as a column names it, without constraints: `numeric(24, 4)`
 */
export const valueWriter = (type: string): WriteValue => typeNamed(type).writer();

/** PostgreSQL's number of the type. */
export const oidOf = (type: string): number => typeNamed(type).oid;
