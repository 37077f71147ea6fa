import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { inTransaction } from './transaction.ts';
import {
  createIndexes,
  createTable,
  createView,
  grantTable,
  isolateTable,
  openToAnalysts,
  viewName,
} from './tables.ts';

// Any number that nobody else takes by accident; servers that start at once make the tables one after the other.
const ADVISORY_LOCK = 5_323_399_204;

const createProjection = async (client: PoolClient, projection: Projection): Promise<void> => {
  for (const table of projection.tables) {
    await client.query(createTable(projection, table));
    for (const index of createIndexes(projection, table)) await client.query(index);
    await client.query(grantTable(projection, table));
    await client.query(isolateTable(projection, table));
    await client.query(openToAnalysts(projection, table).join(';'));
  }
  await replaceViews(client, projection);
  await client.query('insert into projection (name, version) values ($1, $2)', [projection.name, projection.version]);
};

/** Points the views at the projection's tables; they vanish and come back within the caller's transaction. */
export const replaceViews = async (client: PoolClient, projection: Projection): Promise<void> => {
  for (const table of projection.tables) {
    await client.query(`drop view if exists ${viewName(table)}`);
    await client.query(createView(projection, table).join(';'));
  }
};

/** Makes the tables and views of every projection version that the database does not have yet. */
export const ensureTables = (pool: Pool, projections: readonly Projection[]): Promise<void> =>
  inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const { rows } = await client.query<{ name: string; version: number }>('select name, version from projection');
    for (const projection of projections) {
      const known = rows.some(({ name, version }) => name === projection.name && version === projection.version);
      if (!known) await createProjection(client, projection);
    }
  });
