import type { Pool, PoolClient } from 'pg';
import type { CrmView } from '../../../projections/crm-view.ts';
import type { Projection } from '../../../projections/projection.ts';
import { crmViews } from '../../../projections/registry.ts';
import { tableName, viewName } from './tables.ts';
import { inTransaction } from './transaction.ts';
import { createCrmView, createCrmViews, IN_CRM, replaceViews } from './views.ts';

const DEFINITIONS = `select viewname as name, definition from pg_views where schemaname = 'crm'`;
const SETTINGS = { lock_timeout: '5s', statement_timeout: '30s' };

const shows = (definition: string | undefined, table: string): boolean =>
  definition !== undefined && new RegExp(`${table.replace('.', '\\.')}\\b`).test(definition);

const PROBE = 'probe_of_view';
const THERE = 'select from pg_class where oid = to_regclass($1)';
const DIFFERS = 'select pg_get_viewdef($1::text::regclass) <> pg_get_viewdef($2::text::regclass) as differs';

/** Whether the database has it as another release meant it; asked by making it once more, which locks nobody out. */
const isOutdated = async (client: PoolClient, joined: CrmView): Promise<boolean> => {
  const names = [viewName(joined), viewName({ name: PROBE })];
  if ((await client.query(THERE, names.slice(0, 1))).rowCount === 0) return false;
  await client.query(`savepoint probe; ${createCrmView(joined, IN_CRM, PROBE).join(';')}`);
  const { rows } = await client.query<{ differs: boolean }>(DIFFERS, names);
  await client.query('rollback to savepoint probe');
  return rows[0]?.differs === true;
};

const followCrmViews = async (client: PoolClient): Promise<void> => {
  for (const joined of crmViews) {
    if (await isOutdated(client, joined)) await client.query(`drop view ${viewName(joined)}`);
  }
  await createCrmViews(client, IN_CRM);
};

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
    await inTransaction(pool, (client) => replaceViews(client, [projection]), { settings: SETTINGS });
  }
  await inTransaction(pool, followCrmViews, { settings: SETTINGS });
};
