import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened[Symbol.asyncDispose]());

test('each pool works in the role of its name', async () => {
  const role = 'select current_user as role';
  const { app, projector, owner } = opened.database;
  const answers = await Promise.all([app.outside.query(role), projector.query(role), owner.query(role)]);
  expect(answers.map((answer) => answer.rows[0].role)).toEqual(['leadzen_app', 'leadzen_projector', 'leadzen_owner']);
});

test('positions arrive as numbers, times as ISO text, dates and JSON as they are stored', async () => {
  const { rows } = await opened.database.app.outside.query(`
    select 9007199254740991::bigint as position, array[1, 2]::bigint[] as positions,
      '2026-11-22 10:00:00.5+02'::timestamptz as at, '-infinity'::timestamptz as never,
      '2026-11-22'::date as day, '{"a": 1.0}'::json as data, null::bigint as none`);
  expect(rows[0]).toEqual({
    position: 9007199254740991,
    positions: [1, 2],
    at: '2026-11-22T08:00:00.500Z',
    never: '-infinity',
    day: '2026-11-22',
    data: '{"a": 1.0}',
    none: null,
  });
});

test('a connection that is cut while idle or in use does not end the process, and the pool goes on', async () => {
  const { app, owner } = opened.database;
  const client = await app.outside.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const broken = client.query('select pg_sleep(30)').catch((error: Error) => error.message);
  const admin = await owner.query<{ done: boolean }>('select current_user');
  expect(admin.rowCount).toBe(1);
  const { default: pg } = await import('pg');
  const superuser = new pg.Client({ connectionString: opened.url });
  await superuser.connect();
  await superuser.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await superuser.end();
  expect(await broken).toMatch(/terminat/);
  client.release(true);
  expect((await app.outside.query('select 1 as one')).rows[0]).toEqual({ one: 1 });
});
