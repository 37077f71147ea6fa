import type { Pool, PoolClient } from 'pg';
import type { Projection, Table } from '../../../projections/projection.ts';
import {
  analyzeTable,
  createIndexes,
  createTable,
  grantTable,
  isolateTable,
  openToAnalysts,
  type Suffix,
  tableName,
} from './tables.ts';
import { inTransaction } from './transaction.ts';

export const each = (projections: readonly Projection[]) =>
  projections.flatMap((projection) => projection.tables.map((table) => [projection, table] as const));

type SideTable = readonly [projection: Projection, table: Table, suffix: Suffix];

/**
 * Empty tables without indexes beside those that serve, for COPY to fill; whatever an attempt that was cut short left
 * behind is gone.
 */
export const makeSideTables = (pool: Pool, projections: readonly Projection[], suffix: Suffix): Promise<void> =>
  inTransaction(pool, async (client) => {
    for (const [projection, table] of each(projections)) {
      await client.query(`drop table if exists ${tableName(projection, table, suffix)}`);
      await client.query(createTable(projection, table, suffix));
      await client.query(grantTable(projection, table, suffix));
      await client.query(isolateTable(projection, table, suffix));
      await client.query(openToAnalysts(projection, table, suffix).join(';'));
      await client.query(letVacuum([projection, table, suffix], false));
      // COPY writes into no table whose row-level security binds the writer; indexSideTables forces it again.
      await client.query(bindOwner([projection, table, suffix], false));
    }
  });

/** Throws such tables away, in one statement: each would look through all of PostgreSQL's buffers for its pages. */
export const dropSideTables = async (pool: Pool, projections: readonly Projection[], suffix: Suffix): Promise<void> => {
  const names = each(projections).map(([projection, table]) => tableName(projection, table, suffix));
  if (names.length > 0) await pool.query(`drop table if exists ${names.join(', ')}`);
};

const bindOwner = ([projection, table, suffix]: SideTable, binds: boolean): string =>
  `alter table ${tableName(projection, table, suffix)} ${binds ? '' : 'no '}force row level security`;

/**
 * A table that fills up calls for an automatic vacuum, which indexes and the swap would wait for, seconds a table, though
 * nothing in it is dead.
 */
export const letVacuum = ([projection, table, suffix]: SideTable, may: boolean): string =>
  `alter table ${tableName(projection, table, suffix)} ${may ? 'reset (autovacuum_enabled)' : 'set (autovacuum_enabled = false)'}`;

/** Indexes at a time: two cores' worth, one of which PostgreSQL shares with everything that is served meanwhile. */
const INDEXERS = 2;
// A sample of 9,000 rows a table tells the planner enough; the next automatic analyze takes its usual 30,000.
const INDEX_SETTINGS = { maintenance_work_mem: '128MB', default_statistics_target: '30' };

/** Keys and indexes of a table come in one transaction. */
const isIndexed = async (client: PoolClient, table: string): Promise<boolean> => {
  const { rows } = await client.query<{ indexed: boolean }>(
    'select relhasindex as indexed from pg_class where oid = $1::regclass',
    [table],
  );
  return rows[0]?.indexed === true;
};

/** Builds the keys and indexes, the largest projections' first come first. */
export const indexSideTables = async (
  pool: Pool,
  projections: readonly Projection[],
  suffix: Suffix,
): Promise<void> => {
  const tables = each(projections);
  const work = async (): Promise<void> => {
    for (let next = tables.shift(); next !== undefined; next = tables.shift()) {
      const [projection, table] = next;
      await inTransaction(
        pool,
        async (client) => {
          // An attempt that was cut short may have been here.
          if (await isIndexed(client, tableName(projection, table, suffix))) return;
          for (const statement of createIndexes(projection, table, suffix)) await client.query(statement);
          await client.query(bindOwner([projection, table, suffix], true));
          await client.query(analyzeTable(projection, table, suffix));
        },
        { settings: INDEX_SETTINGS },
      );
    }
  };
  await Promise.all(Array.from({ length: INDEXERS }, work));
};
