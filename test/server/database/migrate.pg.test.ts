import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../../../src/server/database/migrate.ts';
import { openDatabase } from '../../../src/server/database/pool.ts';
import { openEmptyDatabase, openTestDatabase } from '../../support/database.ts';
import { query } from '../../support/embedded.ts';

const folder = await mkdtemp(join(tmpdir(), 'leadzen-migrations-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
await writeFile(join(folder, '0001_first.sql'), 'create table first (id integer);');
await writeFile(join(folder, '0002_second.sql'), 'create table second (id integer);');

test('migrating again does nothing', async () => {
  await using empty = await openEmptyDatabase();
  expect(await migrate(empty.url, folder)).toEqual({ applied: ['first', 'second'] });
  expect(await migrate(empty.url, folder)).toEqual({ applied: [] });
});

test('servers that start at the same time migrate once', async () => {
  await using empty = await openEmptyDatabase();
  const all = await Promise.all(Array.from({ length: 8 }, () => migrate(empty.url, folder)));
  expect(all.flatMap(({ applied }) => applied)).toEqual(['first', 'second']);
});

test('a migration that fails leaves nothing of itself, and all before it', async () => {
  await using empty = await openEmptyDatabase();
  const broken = `${folder}-broken`;
  await cp(folder, broken, { recursive: true });
  await writeFile(join(broken, '0003_third.sql'), 'create table third (id integer); select 1 / 0;');
  await expect(migrate(empty.url, broken)).rejects.toThrow(/migration 0003_third failed.*division by zero/);
  await rm(broken, { recursive: true });
  expect(
    await query(empty.url, `select to_regclass('second') is not null as second, to_regclass('third') as third`),
  ).toEqual([{ second: true, third: null }]);
});

test('a database newer than the code is refused', async () => {
  await using opened = await openTestDatabase();
  await query(opened.url, `insert into schema_migration values (9999, 'future', 'x')`);
  await expect(migrate(opened.url)).rejects.toThrow(/9999_future, newer than this LeadZen/);
});

test('a file that was changed after it was applied is refused', async () => {
  await using opened = await openTestDatabase();
  await query(opened.url, `update schema_migration set checksum = 'x' where version = 1`);
  await expect(migrate(opened.url)).rejects.toThrow(/0001_event_log was changed/);
});

test('a file with a number below the applied ones is refused', async () => {
  await using empty = await openEmptyDatabase();
  await migrate(empty.url, folder);
  await query(empty.url, 'delete from schema_migration where version = 1');
  await expect(migrate(empty.url, folder)).rejects.toThrow(/0001_first has a lower number than 0002_second/);
});

test('the role that serves can append to the log, and can neither change nor delete what is in it', async () => {
  await using opened = await openTestDatabase();
  const database = openDatabase(opened.url);
  const may = async (privilege: string) =>
    (await database.app.outside.query(`select has_table_privilege('event', $1) as may`, [privilege])).rows[0]?.['may'];
  expect([await may('select'), await may('insert')]).toEqual([true, true]);
  expect([await may('update'), await may('delete'), await may('truncate')]).toEqual([false, false, false]);
  await expect(database.app.outside.query('update event set type = type')).rejects.toThrow(/permission denied/);
  await expect(database.app.outside.query('create table mine (id integer)')).rejects.toThrow(/permission denied/);
  await database.close();
});

test('what serves owns nothing; the log is the owner’s and the read models are the projector’s', async () => {
  await using opened = await openTestDatabase();
  const owned = await query(
    opened.url,
    `select n.nspname as schema, array_agg(distinct r.rolname::text) as owners from pg_class c
     join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
     where n.nspname in ('public', 'read_model', 'crm') group by 1 order by 1`,
  );
  expect(owned).toContainEqual({ schema: 'public', owners: ['leadzen_owner'] });
  expect(JSON.stringify(owned)).not.toContain('leadzen_app');
});
