import type { PoolClient } from 'pg';
import type { Column, Projection, Row, StreamRows, StreamState, Table } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Json } from '../../shared/base/json.ts';
import type { StreamImage } from './fold-events.ts';
import { keyOf, type Suffix, tableName, typeOf } from './tables.ts';

/** The tables of a projection in one workspace: those that serve, or those that a rebuild fills. */
export interface Target {
  readonly projection: Projection;
  readonly workspaceId: Uuid;
  readonly suffix: Suffix;
}

/**
 * For transactions that load or write rows: every one of their statements goes by a key. A plan that was kept from the
 * days when the table was small would read all of it.
 */
export const BY_KEY = { enable_seqscan: 'off' };

const streamColumn = (table: Table): string => table.primaryKey[0];

/** Statements are made once; the tables of a projection never change within its version. */
const memoized = (make: (projection: Projection, table: Table, suffix: Suffix) => string) => {
  const known = new Map<string, string>();
  return (projection: Projection, table: Table, suffix: Suffix): string => {
    const name = tableName(projection, table, suffix);
    const text = known.get(name) ?? make(projection, table, suffix);
    known.set(name, text);
    return text;
  };
};

const selectStates = memoized((projection, table, suffix) => {
  const columns = [streamColumn(table), ...projection.state];
  return `select ${columns.join(', ')} from ${tableName(projection, table, suffix)}
    where workspace_id = $1 and ${streamColumn(table)} = any($2::uuid[])`;
});

const parsed = (column: string, table: Table, value: unknown): Json => {
  const isJson = table.columns[column]?.type.startsWith('json') === true;
  return isJson && value !== null ? (JSON.parse(value as string) as Json) : (value as Json);
};

/** The states that folds of these streams left behind. */
export const loadStates = async (
  client: PoolClient,
  { projection, workspaceId, suffix }: Target,
  streamIds: readonly Uuid[],
): Promise<Map<Uuid, StreamState>> => {
  if (streamIds.length === 0) return new Map();
  const [table] = projection.tables;
  const text = selectStates(projection, table, suffix);
  const { rows } = await client.query<Record<string, unknown>>({
    name: `states_${tableName(projection, table, suffix)}`,
    text,
    values: [workspaceId, streamIds],
  });
  const state = (row: Record<string, unknown>): StreamState =>
    Object.fromEntries(projection.state.map((column) => [column, parsed(column, table, row[column])]));
  return new Map(rows.map((row) => [row[streamColumn(table)] as Uuid, state(row)]));
};

/** Rows travel as JSON under short names, nulls left out: PostgreSQL spends most of an upsert on reading it. */
const shortNames = (table: Table, columns: readonly string[]): string =>
  columns.map((name, ordinal) => `c${ordinal} ${typeOf(table.columns[name] as Column)}`).join(', ');

/** A value as JSON, by the type of its column: ids, times and numbers hold nothing that JSON would escape. */
const encoderOf = (type: string): ((value: unknown) => string) => {
  if (type === 'text' || type === 'json' || type.endsWith('[]')) return JSON.stringify;
  if (['integer', 'bigint', 'boolean'].includes(type)) return String;
  return (value) => `"${value as string}"`;
};

/** Makes the JSON of rows of a table, or of some of its columns. */
const rowsText = (table: Table, names: readonly string[]): ((rows: readonly Row[]) => string) => {
  const columns = names.map((name, ordinal) => ({
    name,
    key: `"c${ordinal}":`,
    encode: encoderOf(typeOf(table.columns[name] as Column)),
  }));
  const rowText = (row: Row): string => {
    let text = '';
    for (const { name, key, encode } of columns) {
      const value = row[name];
      // The stream's id comes first and is never null.
      if (value !== null && value !== undefined) text += (text === '' ? '{' : ',') + key + encode(value);
    }
    return `${text}}`;
  };
  return (rows) => `[${rows.map(rowText).join()}]`;
};

const texts = new WeakMap<
  Table,
  { readonly rows: (rows: readonly Row[]) => string; readonly keys: (rows: readonly Row[]) => string }
>();
const textOf = (table: Table) => {
  const known = texts.get(table) ?? {
    rows: rowsText(table, Object.keys(table.columns)),
    keys: rowsText(table, table.primaryKey),
  };
  texts.set(table, known);
  return known;
};

const upsert = memoized((projection, table, suffix) => {
  const columns = Object.keys(table.columns);
  const values = columns.map((_, ordinal) => `c${ordinal}`);
  const sets = columns.filter((name) => !table.primaryKey.includes(name)).map((name) => `${name} = excluded.${name}`);
  return `insert into ${tableName(projection, table, suffix)} (workspace_id, ${columns.join(', ')})
    select $1::uuid, ${values.join(', ')} from json_to_recordset($2::json) as row(${shortNames(table, columns)})
    on conflict (${keyOf(table).join(', ')}) do ${sets.length === 0 ? 'nothing' : `update set ${sets.join(', ')}`}`;
});

const remove = memoized((projection, table, suffix) => {
  const same = table.primaryKey.map((name, ordinal) => `stored.${name} = gone.c${ordinal}`);
  return `delete from ${tableName(projection, table, suffix)} stored
    using json_to_recordset($2::json) as gone(${shortNames(table, table.primaryKey)})
    where stored.workspace_id = $1 and ${same.join(' and ')}`;
});

/** What a batch changes in one table. */
interface TableChange {
  readonly written: Row[];
  readonly gone: Row[];
}

const equalValues = (one: unknown, other: unknown): boolean =>
  one === other ||
  (typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other));

const equalRows = (one: Row, other: Row): boolean => {
  for (const column in one) if (!equalValues(one[column], other[column])) return false;
  return true;
};

const collect = (table: Table, before: readonly Row[], after: readonly Row[], change: TableChange): void => {
  const keyText = (row: Row): string => table.primaryKey.map((name) => String(row[name])).join(' ');
  const old = new Map(before.map((row) => [keyText(row), row]));
  for (const row of after) {
    const key = keyText(row);
    const stored = old.get(key);
    old.delete(key);
    if (stored === undefined || !equalRows(row, stored)) change.written.push(row);
  }
  change.gone.push(...old.values());
};

/** The details that are stored of a stream, and all that shall be; its own row changes with every event. */
export interface StreamChange {
  readonly before: StreamRows;
  readonly after: StreamImage;
}

/** Makes the tables hold `after` where they hold `before`, for any number of streams; rows that stay equal are left alone. */
export const writeRows = async (
  client: PoolClient,
  { projection, workspaceId, suffix }: Target,
  streams: readonly StreamChange[],
): Promise<void> => {
  const run = (name: string, text: string, rows: string) => client.query({ name, text, values: [workspaceId, rows] });
  const [first] = projection.tables;
  for (const table of projection.tables) {
    const name = tableName(projection, table, suffix);
    const change: TableChange = { written: [], gone: [] };
    for (const { before, after } of streams) {
      if (table !== first) collect(table, before[table.name] ?? [], after.rows[table.name] ?? [], change);
      else if (after.row !== undefined) change.written.push(after.row);
    }
    if (change.gone.length > 0) {
      const rows = textOf(table).keys(change.gone);
      await run(`remove_${name}`, remove(projection, table, suffix), rows);
    }
    if (change.written.length > 0) {
      const rows = textOf(table).rows(change.written);
      await run(`upsert_${name}`, upsert(projection, table, suffix), rows);
    }
  }
};

/** Deletes whatever the tables hold of a stream. */
export const clearStream = async (
  client: PoolClient,
  { projection, workspaceId, suffix }: Target,
  streamId: Uuid,
): Promise<void> => {
  for (const table of projection.tables) {
    const name = tableName(projection, table, suffix);
    await client.query(`delete from ${name} where workspace_id = $1 and ${streamColumn(table)} = $2`, [
      workspaceId,
      streamId,
    ]);
  }
};
