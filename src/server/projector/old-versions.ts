import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { fleetOf } from './leases.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { each } from './side-tables.ts';
import { inTransaction } from './transaction.ts';

const OTHERS = 'select 1 from projection_lease where fleet <> $1 and expires_at > now() limit 1';
const TABLES = `select c.relname as name from pg_class c
  where c.relnamespace = 'read_model'::regnamespace and c.relkind = 'r' and c.relname ~ $1 order by 1`;

/** The tables of one of our read models at an older version: `deal_v2` of 3. */
const olderThan = (name: string, projections: readonly Projection[]): boolean => {
  const [, table, version] = /^(.+)_v(\d+)$/.exec(name) ?? [];
  return each(projections).some(([projection, { name: own }]) => own === table && Number(version) < projection.version);
};

/**
 * Drops the tables of versions before those of this code, and where they stood. The way back to a release that reads them
 * is then a rebuild.
 *
 * @throws RebuildFailed where servers of another release are alive
 */
export const dropOldVersions = (pool: Pool, projections: readonly Projection[]): Promise<readonly string[]> =>
  inTransaction(pool, async (client) => {
    const others = await client.query(OTHERS, [fleetOf(projections)]);
    if (others.rows.length > 0)
      throw new RebuildFailed('servers of another release are at work: stop them before their read models are dropped');
    const { rows } = await client.query<{ name: string }>(TABLES, ['^.+_v[0-9]+$']);
    const old = rows.map(({ name }) => name).filter((name) => olderThan(name, projections));
    for (const name of old) await client.query(`drop table read_model.${name}`);
    for (const { name, version } of projections) {
      for (const table of ['projection_checkpoint', 'parked_stream'])
        await client.query(`delete from ${table} where projection = $1 and version < $2`, [name, version]);
      await client.query('delete from projection where name = $1 and version < $2', [name, version]);
    }
    return old;
  });
