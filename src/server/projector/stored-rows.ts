import type { PoolClient } from 'pg';
import type { Projection, Row, StreamRows, StreamState, Table } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Json } from '../../shared/base/json.ts';
import { rowArrayWriter } from '../database/binary/row-array.ts';
import type { StreamImage } from './fold-events.ts';
import { columnsOf, keyOf, type Suffix, tableName, typeOf } from './tables.ts';

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

const upsert = memoized((projection, table, suffix) => {
  const name = tableName(projection, table, suffix);
  const columns = columnsOf(table).map(([column]) => column);
  const sets = columns
    .filter((column) => !keyOf(table).includes(column))
    .map((column) => `${column} = excluded.${column}`);
  return `insert into ${name} (${columns.join(', ')})
    select ${columns.join(', ')} from unnest($1::${name}[])
    on conflict (${keyOf(table).join(', ')}) do ${sets.length === 0 ? 'nothing' : `update set ${sets.join(', ')}`}`;
});

const remove = memoized((projection, table, suffix) => {
  const name = tableName(projection, table, suffix);
  const same = keyOf(table).map((column) => `stored.${column} = gone.${column}`);
  return `delete from ${name} stored using unnest($1::${name}[]) gone where ${same.join(' and ')}`;
});

const writers = new WeakMap<Table, ReturnType<typeof rowArrayWriter>>();
const writerOf = (table: Table): ReturnType<typeof rowArrayWriter> => {
  const known = writers.get(table);
  if (known !== undefined) return known;
  const columns = columnsOf(table).map(([name, column]) => [name, typeOf(column)] as const);
  const writer = rowArrayWriter(columns, 'workspace_id');
  writers.set(table, writer);
  return writer;
};

/** Rows as a parameter of the table's array type. @throws ValueRefused where a column's type has no such value */
export const rowsParameter = (table: Table, workspaceId: Uuid, rows: readonly Row[]): Buffer =>
  writerOf(table)(rows, workspaceId);

/**
 * What tells a table from the one that a rebuild puts in its place: asked in the transaction that writes, while the gate
 * keeps the tables where they are.
 */
const readRowTypes = async (
  client: PoolClient,
  { projection, suffix }: Target,
): Promise<ReadonlyMap<string, number>> => {
  const names = projection.tables.map((table) => tableName(projection, table, suffix));
  const { rows } = await client.query<{ name: string; row_type: number }>({
    name: 'row_types',
    text: 'select name, reltype as row_type from unnest($1::text[]) name join pg_class on oid = name::regclass',
    values: [names],
  });
  return new Map(rows.map((row) => [row.name, row.row_type]));
};

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

/**
 * Makes the tables hold `after` where they hold `before`, for any number of streams; rows that stay equal are left alone.
 * Rows travel in binary form: reading them from JSON was half of PostgreSQL's work.
 *
 * @throws ValueRefused, or what PostgreSQL throws, where a table has no room for a value
 */
export const writeRows = async (
  client: PoolClient,
  target: Target,
  streams: readonly StreamChange[],
): Promise<void> => {
  const { projection, workspaceId, suffix } = target;
  if (streams.length === 0) return;
  const [first] = projection.tables;
  const rowTypes = await readRowTypes(client, target);
  for (const table of projection.tables) {
    const name = tableName(projection, table, suffix);
    const change: TableChange = { written: [], gone: [] };
    for (const { before, after } of streams) {
      if (table !== first) collect(table, before[table.name] ?? [], after.rows[table.name] ?? [], change);
      else if (after.row !== undefined) change.written.push(after.row);
    }
    const run = async (what: string, text: string, rows: readonly Row[]): Promise<void> => {
      if (rows.length === 0) return;
      // A prepared statement keeps the type of its parameter, and a name keeps its statement.
      const prepared = `${what}_${name}_${rowTypes.get(name)}`;
      await client.query({ name: prepared, text, values: [rowsParameter(table, workspaceId, rows)] });
    };
    await run('remove', remove(projection, table, suffix), change.gone);
    await run('upsert', upsert(projection, table, suffix), change.written);
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
