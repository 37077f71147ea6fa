import { afterAll, beforeAll, expect, it } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { ensureTables } from '../../../src/server/projector/ensure-tables.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  await Promise.all([1, 2, 3].map(() => ensureTables(test.database.projector, projections)));
});
afterAll(() => test[Symbol.asyncDispose]());

const tables = projections.flatMap((projection) => projection.tables);

it('gives every table a view, made once though several servers start together', async () => {
  const { rows } = await test.database.app.outside.query<{ name: string }>(
    `select table_name as name from information_schema.views where table_schema = 'crm' order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(tables.map(({ name }) => name).toSorted());
});

it('comments every view and each of its columns', async () => {
  const { rows } = await test.database.app.outside.query<{ name: string }>(
    `select format('%s.%s', c.relname, a.attname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where n.nspname = 'crm' and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)`,
  );
  expect(rows).toEqual([]);
});

it('keeps what is internal out of the views', async () => {
  const { rows } = await test.database.app.outside.query<{ name: string }>(
    `select distinct column_name as name from information_schema.columns where table_schema = 'crm'`,
  );
  const shown = rows.map(({ name }) => name);
  for (const internal of ['record', 'search', 'root_id', 'track', 'closing']) expect(shown).not.toContain(internal);
  expect(shown).toContain('workspace_id');
});

it('lets the serving role read the views and tables, and change nothing', async () => {
  const app = test.database.app.outside;
  for (const { name } of tables) await app.query(`select * from crm.${name} limit 1`);
  await expect(app.query('delete from read_model.deal_v3')).rejects.toThrow('permission denied');
  await expect(app.query('update projection_checkpoint set position = 0')).rejects.toThrow('permission denied');
});
