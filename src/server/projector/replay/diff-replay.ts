import type { PoolClient } from 'pg';
import { projections } from '../../../../projections/registry.ts';
import type { Table } from '../../../../projections/projection.ts';
import type { Database } from '../../database/pool.ts';
import { positionOf } from '../progress.ts';
import { each } from '../side-tables.ts';
import { CRM, typeOf, viewName } from '../tables.ts';
import { inTransaction } from '../transaction.ts';
import { shownColumns } from '../views.ts';
import type { Replay } from './replay-notes.ts';

type Change = 'added' | 'removed' | 'changed';

/** A row that today has, had, or has otherwise. Values are left out: they may be personal, and the schemas hold them. */
export interface RowDifference {
  readonly change: Change;
  readonly key: Readonly<Record<string, string>>;
  /** Those with another value; of a changed row alone. */
  readonly columns: readonly string[];
}

export interface TableDifference {
  readonly table: string;
  readonly totals: Readonly<Record<Change, number>>;
  /** The first of them, by key. */
  readonly rows: readonly RowDifference[];
}

export interface Difference {
  readonly schema: string;
  readonly position: number;
  /** How far the read models of today have come. */
  readonly today: number;
  /** Tables without a difference are left out. */
  readonly tables: readonly TableDifference[];
}

/** `json` knows no equality; its text is what the fold wrote. */
const differs = (name: string, type: string): string => {
  const cast = type === 'json' ? '::text' : '';
  return `a.${name}${cast} is distinct from b.${name}${cast}`;
};

/** $1 is the workspace, $2 how many rows are told. */
const diffStatement = (table: Table, { schema }: Pick<Replay, 'schema'>, there: ReadonlySet<string>): string => {
  const keys = table.primaryKey;
  const values = shownColumns(table).filter(
    ([name]) => name !== 'workspace_id' && !keys.includes(name) && there.has(name),
  );
  const columns = values.map(([name, column]) => `case when ${differs(name, typeOf(column))} then '${name}' end`);
  const rows = (place: string): string => `(select * from ${viewName(table, place)} where workspace_id = $1)`;
  return `
    with difference as (
      select json_build_object(${keys.map((name) => `'${name}', ${name}::text`).join(', ')}) as key, ${keys.join(', ')},
             case when a.workspace_id is null then 'added' when b.workspace_id is null then 'removed' else 'changed' end as change,
             case when a.workspace_id is null or b.workspace_id is null then array[]::text[]
               else array_remove(array[${columns.join(', ')}]::text[], null) end as columns
        from ${rows(schema)} a full join ${rows(CRM)} b using (${keys.join(', ')})),
    found as (select * from difference where change <> 'changed' or cardinality(columns) > 0),
    first as (select change, key, columns from found order by ${keys.join(', ')} limit $2)
    select count(*) filter (where change = 'added') as added, count(*) filter (where change = 'removed') as removed,
           count(*) filter (where change = 'changed') as changed,
           (select coalesce(json_agg(json_build_object('change', change, 'key', key, 'columns', columns)), '[]') from first) as rows
      from found`;
};

interface Found {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** JSON, as text. */
  readonly rows: string;
}

const COLUMNS = 'select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0';

/** Of a table that an older release built, the columns that both have are compared; of one that it did not know, none. */
const diffTable = async (
  client: PoolClient,
  table: Table,
  replay: Replay,
  limit: number,
): Promise<readonly TableDifference[]> => {
  const columns = await client.query<{ name: string }>(COLUMNS, [viewName(table, replay.schema)]);
  const there = new Set(columns.rows.map(({ name }) => name));
  if (there.size === 0) return [];
  const { rows: found } = await client.query<Found>(diffStatement(table, replay, there), [replay.workspaceId, limit]);
  const { added = 0, removed = 0, changed = 0, rows = '[]' } = found[0] ?? {};
  if (added + removed + changed === 0) return [];
  return [{ table: table.name, totals: { added, removed, changed }, rows: JSON.parse(rows) as RowDifference[] }];
};

/** What of a past moment's read models is otherwise today, both as of one snapshot. `limit` bounds the rows told a table. */
export const diffReplay = (
  { projector }: Pick<Database, 'projector'>,
  replay: Replay,
  limit: number,
): Promise<Difference> =>
  inTransaction(projector, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const today = await positionOf(client, replay.workspaceId);
    const tables: TableDifference[] = [];
    for (const [, table] of each(projections)) tables.push(...(await diffTable(client, table, replay, limit)));
    return { schema: replay.schema, position: replay.position, today, tables };
  });
