import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expiredRows } from '../../../src/server/jobs/expired-rows.ts';
import { runDue } from '../../../src/server/jobs/run-due.ts';
import { type JobBench, node, openJobs } from '../../support/jobs.ts';

let bench: JobBench;

beforeAll(async () => {
  bench = await openJobs();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('what expired long ago is cleared away, and nothing else', async () => {
  const { me } = bench.past.rest;
  const owner = bench.owner;
  const session = (id: string, expires: string) =>
    owner.query(
      `insert into session (workspace_id, session_id, user_id, device_id, expires_at) values ($1, $2, $3, $4, now() + $5::interval)`,
      [bench.workspaceId, id, me.user.id, me.deviceId, expires],
    );
  const [old, recent] = [uuidv7(), uuidv7()];
  await session(old, '-31 days');
  await session(recent, '-1 day');
  const before = await owner.query('select count(*) as n from event');
  const errors: unknown[] = [];
  expect(await runDue(bench.parts(new Date(), errors), expiredRows(owner), node())).toEqual({ runs: 1, failures: 0 });
  expect(errors).toEqual([]);
  const left = (await bench.rows('select session_id as id from session')).map(({ id }) => id as string);
  expect(left).not.toContain(old);
  expect(left).toContain(recent);
  expect((await owner.query('select count(*) as n from event')).rows).toEqual(before.rows);
});

test('keys of integrations are listed long after they were revoked', async () => {
  const { id } = await bench.past.rest.ok(201, 'POST', '/api/api-keys', { name: 'Warehouse', role: 'analyst' });
  await bench.past.rest.ok(200, 'DELETE', `/api/api-keys/${id}`);
  await bench.owner.query(
    `update session set revoked_at = now() - interval '1 year', expires_at = now() - interval '1 year' where session_id = $1`,
    [id],
  );
  await bench.owner.query(`delete from job_run where job = 'expired-rows'`);
  await runDue(bench.parts(new Date()), expiredRows(bench.owner), node());
  const { items } = await bench.past.rest.ok(200, 'GET', '/api/api-keys');
  expect(items).toMatchObject([{ id, name: 'Warehouse' }]);
});
