import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { replaceViews } from './ensure-tables.ts';
import { tableName } from './tables.ts';
import { inTransaction } from './transaction.ts';

const DEFINITIONS = `select viewname as name, definition from pg_views where schemaname = 'crm'`;
const SETTINGS = { lock_timeout: '5s', statement_timeout: '30s' };

const shows = (definition: string | undefined, table: string): boolean =>
  definition !== undefined && new RegExp(`${table.replace('.', '\\.')}\\b`).test(definition);

/**
 * The views that analysts read show the versions of the server that started last: after a release was taken back, those
 * before it. The tables are to have caught up.
 */
export const followViews = async (pool: Pool, projections: readonly Projection[]): Promise<void> => {
  const { rows } = await pool.query<{ name: string; definition: string }>(DEFINITIONS);
  const definitions = new Map(rows.map(({ name, definition }) => [name, definition]));
  const others = projections.filter((projection) =>
    projection.tables.some((table) => !shows(definitions.get(table.name), tableName(projection, table))),
  );
  for (const projection of others) {
    await inTransaction(pool, (client) => replaceViews(client, projection), { settings: SETTINGS });
  }
};
