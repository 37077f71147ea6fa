import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { inTransaction } from './transaction.ts';
import { createIndexes, createTable, grantTable, isolateTable, openToAnalysts } from './tables.ts';
import { replaceViews } from './views.ts';

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
  await replaceViews(client, [projection]);
  await client.query('insert into projection (name, version) values ($1, $2)', [projection.name, projection.version]);
};

const KNOWN = 'select name, version from projection';

/** Those of the projections whose version the database does not have yet. */
export const missingIn = async (
  client: Pool | PoolClient,
  projections: readonly Projection[],
): Promise<readonly Projection[]> => {
  const { rows } = await client.query<{ name: string; version: number }>(KNOWN);
  return projections.filter(
    (projection) => !rows.some(({ name, version }) => name === projection.name && version === projection.version),
  );
};

/** Events that the projector catches up with sooner than a rebuild would begin. */
const FEW_EVENTS = 1000;

const TO_BUILD = `select coalesce(sum(head), 0) > $2 or exists (select from projection where name = any($1)) as served
  from workspace`;

/**
 * Makes the tables and views of every projection version that the database does not have yet, where nobody reads an older
 * one and the log is short. Else answers with these versions, which are to be built from the log: until then others serve.
 */
export const ensureTables = (pool: Pool, projections: readonly Projection[]): Promise<readonly Projection[]> =>
  inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const missing = await missingIn(client, projections);
    if (missing.length === 0) return missing;
    const names = missing.map(({ name }) => name);
    const { rows } = await client.query<{ served: boolean }>(TO_BUILD, [names, FEW_EVENTS]);
    if (rows[0]?.served === true) return missing;
    for (const projection of missing) await createProjection(client, projection);
    return [];
  });
