import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crmViews, projections } from '../../../projections/registry.ts';
import { ensureTables } from '../../../src/server/projector/ensure-tables.ts';
import { followViews } from '../../../src/server/projector/follow-views.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  await Promise.all([1, 2, 3].map(() => ensureTables(test.database.projector, projections)));
});
afterAll(() => test[Symbol.asyncDispose]());

const tables = [...projections.flatMap((projection) => projection.tables), ...crmViews];

it('gives every table a view, made once though several servers start together', async () => {
  const { rows } = await test.database.app.outside.query<{ name: string }>(
    `select table_name as name from information_schema.views where table_schema = 'crm' order by 1`,
  );
  const jobs = ['pipeline_snapshot', 'reminder'];
  expect(rows.map(({ name }) => name)).toEqual([...tables.map(({ name }) => name), ...jobs].toSorted());
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

describe('a view that joins read models', () => {
  const definition = async (): Promise<string> =>
    (
      await test.database.projector.query<{ text: string }>(
        `select pg_get_viewdef('crm.account_activity'::regclass) as text`,
      )
    ).rows[0]?.text ?? '';

  it('is there again after a rebuild of what it joins', async () => {
    const before = await definition();
    await rebuild(
      test.database.projector,
      projections.filter(({ name }) => name === 'company' || name === 'activity'),
    );
    expect(await definition()).toBe(before);
  });

  it('is made anew where another release meant it otherwise, and left alone where not', async () => {
    const pool = test.database.projector;
    const before = await definition();
    await pool.query(
      `drop view crm.account_activity; create view crm.account_activity as select id as company_id from crm.company`,
    );
    await followViews(pool, projections);
    expect(await definition()).toBe(before);
    const oid = `select 'crm.account_activity'::regclass::oid::int as oid`;
    const { rows } = await pool.query(oid);
    await followViews(pool, projections);
    expect((await pool.query(oid)).rows).toEqual(rows);
  });
});
