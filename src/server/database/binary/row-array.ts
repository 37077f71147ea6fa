import { type Growing, growing, makeRoom, writeInt32 } from './bytes.ts';
import { refusedAt, writeField } from './value.ts';
import { oidOf, valueWriter } from './value-types.ts';

/** Of a row type, in its order: names, and types without constraints. */
export type RowColumns = readonly (readonly [name: string, type: string])[];

const FIRST_BYTES = 16 * 1024;

/** PostgreSQL heeds the number of the elements' type only where that is built in; a row type's is taken from the statement. */
const ANY_ROW_TYPE = 0;

/** Dimensions, no nulls, the type of the elements, how many, the first one's number. */
const writeHeader = (out: Growing, count: number): void => {
  for (const word of [1, 0, ANY_ROW_TYPE, count, 1]) writeInt32(out, word);
};

type WriteRow = (out: Growing, row: Readonly<Record<string, unknown>>) => void;

/** Writes one row: its length, how many columns, and of each the type and the value. */
const rowOf = (columns: RowColumns, everyRow: string | undefined): ((value?: unknown) => WriteRow) => {
  const fields = columns.map(([name, type]) => ({
    name,
    oid: oidOf(type),
    write: valueWriter(type),
    same: name === everyRow,
  }));
  return (common) => (out, row) => {
    makeRoom(out, 8);
    const begin = out.size;
    out.size += 4;
    writeInt32(out, fields.length);
    let at = '';
    try {
      for (const { name, oid, write, same } of fields) {
        at = name;
        makeRoom(out, 4);
        writeInt32(out, oid);
        writeField(out, write, same ? common : row[name]);
      }
    } catch (error) {
      throw refusedAt(at, error);
    }
    out.view.setInt32(begin, out.size - begin - 4);
  };
};

/**
 * Makes a parameter that is an array of a row type, in binary form, to be read with `unnest`. PostgreSQL takes it in with
 * half the work of `json_to_recordset`: of 100 pushed events, the read models' rows took 51 µs an event and then 30.
 * Sources: array_recv and record_recv in PostgreSQL's src/backend/utils/adt.
 *
 * @param everyRow the column, where there is one, whose value is the same in all rows and given beside them
 * @returns given the rows, and that value
 * @throws ValueRefused naming the column whose type has no such value
 */
export const rowArrayWriter = (columns: RowColumns, everyRow?: string) => {
  const rowWith = rowOf(columns, everyRow);
  return (rows: readonly object[], value?: unknown): Buffer => {
    const out = growing(Buffer.allocUnsafe(FIRST_BYTES));
    const write = rowWith(value);
    writeHeader(out, rows.length);
    for (const row of rows) write(out, row as Readonly<Record<string, unknown>>);
    return out.bytes.subarray(0, out.size);
  };
};
