import { err, ok, type Result } from '../../shared/base/result.ts';
import { cellValue, type CellValue } from './cell-values.ts';
import { quoted, type RowProblem } from './csv-rows.ts';
import type { FieldSource, Mapping } from './mapping.ts';
import { cellKindOf, type CellKind, type ImportType } from './targets.ts';

/** The values of a row by field; fields whose cell is empty are absent. */
export type Fields = Readonly<Record<string, CellValue>>;

export interface RowReader {
  readonly fields: (cells: readonly string[]) => Result<Fields, RowProblem>;
  /** What tells the row from all others of its source; the error where the key is empty. */
  readonly key: (cells: readonly string[]) => Result<string, RowProblem>;
  /** The column to blame for a field, in messages. */
  readonly columnOf: (field: string) => string | undefined;
}

interface CompiledField {
  readonly field: string;
  readonly kind: CellKind;
  readonly source: FieldSource;
  readonly indexes: readonly number[];
  readonly column: string | undefined;
}

/** Prepares a mapping for the rows of a file whose header has all columns that it names. */
export const createRowReader = (type: ImportType, mapping: Mapping, header: readonly string[]): RowReader => {
  const compiled = Object.entries(mapping.fields).map(([field, source]): CompiledField => {
    const columns = source.columns ?? (source.column === undefined ? [] : [source.column]);
    const indexes = columns.map((column) => header.indexOf(column));
    return { field, kind: cellKindOf(type, field) ?? 'text', source, indexes, column: columns[0] };
  });
  const keys = mapping.key.map((column) => header.indexOf(column));
  return {
    fields: (cells) => readFields(compiled, cells),
    key: (cells) => rowKey(cells, keys, mapping.key),
    columnOf: (field) => compiled.find((candidate) => candidate.field === field)?.column,
  };
};

const readFields = (compiled: readonly CompiledField[], cells: readonly string[]): Result<Fields, RowProblem> => {
  const fields: Record<string, CellValue> = {};
  for (const each of compiled) {
    const value = readField(each, cells);
    if (!value.ok)
      return err({
        code: 'invalid',
        message: value.error,
        ...(each.column === undefined ? {} : { column: each.column }),
      });
    if (value.value !== undefined) fields[each.field] = value.value;
  }
  return ok(fields);
};

const readField = (
  { field, kind, source, indexes }: CompiledField,
  cells: readonly string[],
): Result<CellValue | undefined, string> => {
  const parts: string[] = [];
  for (const index of indexes) {
    const translated = translate((cells[index] ?? '').trim(), source);
    if (!translated.ok) return err(`${field}: ${translated.error}.`);
    if (translated.value !== '') parts.push(translated.value);
  }
  const text = source.constant ?? (parts.join(source.separator ?? ' ') || source.default || '');
  if (text === '') return source.required === true ? err(`${field} is missing.`) : ok(undefined);
  const value = cellValue(text, kind, source);
  return value.ok ? value : err(`${field}: ${value.error}.`);
};

const translate = (cell: string, { values, otherwise }: FieldSource): Result<string, string> => {
  if (values === undefined) return ok(cell);
  if (Object.hasOwn(values, cell)) return ok(values[cell] ?? '');
  if (cell === '' || otherwise === undefined || otherwise === 'keep') return ok(cell);
  return otherwise === 'empty' ? ok('') : err(`the mapping has no value for ${quoted(cell)}`);
};

const rowKey = (
  cells: readonly string[],
  indexes: readonly number[],
  columns: readonly string[],
): Result<string, RowProblem> => {
  if (indexes.length === 0) return ok(JSON.stringify(cells));
  const parts = indexes.map((index) => (cells[index] ?? '').trim());
  if (parts.some((part) => part !== '')) return ok(JSON.stringify(parts));
  return err({ code: 'invalid', message: 'The key of the row is empty.', column: columns[0] ?? '' });
};
