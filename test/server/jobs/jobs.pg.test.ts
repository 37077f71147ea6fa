import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimRun } from '../../../src/server/jobs/job-runs.ts';
import type { Job } from '../../../src/server/jobs/job.ts';
import { expiredRows } from '../../../src/server/jobs/expired-rows.ts';
import { pipelineSnapshots } from '../../../src/server/jobs/pipeline-snapshots.ts';
import { reminders } from '../../../src/server/jobs/reminders.ts';
import { runDue } from '../../../src/server/jobs/run-due.ts';
import { startJobs } from '../../../src/server/jobs/run-jobs.ts';
import { positionOf } from '../../../src/server/projector/progress.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { day, openPast, type PastBench } from '../../support/past.ts';
import type { Json } from '../../support/rest.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let past: PastBench;
let workspaceId: string;
const database = () => past.rest.test.test.database;
const pool = () => database().app;

beforeAll(async () => {
  past = await openPast();
  workspaceId = past.rest.me.workspace.id;
});
afterAll(() => past[Symbol.asyncDispose]());

const rows = async (text: string): Promise<Json[]> => (await pool().for(workspaceId).query(text)).rows;
const quiet = { info: () => {}, error: () => {} };
const parts = (now: Date, errors: unknown[] = []) => ({
  pool: pool(),
  workspaces: async () => [workspaceId],
  log: { ...quiet, error: (details: object) => void errors.push(details) },
  now: () => now,
});
const snapshots = (): Job => pipelineSnapshots((id) => positionOf(pool().for(id), id));
const node = () => ({ holder: randomUUID() });

describe('a due moment', () => {
  const counted = (work: () => Promise<void>): Job => ({
    name: randomUUID(),
    schedule: '* * * * *',
    due: async () => [new Date('2026-01-01T00:00:00Z')],
    run: async ({ statements, done }) => {
      await work();
      const { text, values } = done(1);
      await statements.query(text, [...values]);
    },
  });

  test('is done once, however many servers look at once and however often', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const looks = () => Promise.all([1, 2, 3].map(() => runDue(parts(new Date()), job, node())));
    await looks();
    await looks();
    expect(ran).toBe(1);
  });

  test('that failed is tried again at the next look', async () => {
    let fails = true;
    const errors: unknown[] = [];
    const job = counted(async () => {
      if (fails) throw new Error('not today');
    });
    expect(await runDue(parts(new Date(), errors), job, node())).toEqual({ runs: 0, failures: 1 });
    fails = false;
    expect(await runDue(parts(new Date(), errors), job, node())).toEqual({ runs: 1, failures: 0 });
    expect(errors).toHaveLength(1);
  });

  test('of a server that died is another’s when its time is over', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const due = new Date('2026-01-01T00:00:00Z');
    expect(await claimRun(pool().for(workspaceId), { workspaceId, job: job.name, due }, randomUUID())).toBe(true);
    await runDue(parts(new Date()), job, node());
    expect(ran).toBe(0);
    await database().owner.query('update job_run set expires_at = now() where job = $1', [job.name]);
    await runDue(parts(new Date()), job, node());
    expect(ran).toBe(1);
    expect(await rows(`select attempts, done_at is not null as done from job_run where job = '${job.name}'`)).toEqual([
      { attempts: 2, done: true },
    ]);
  });

  test('that waited in vain for the read models keeps the later ones for the next look', async () => {
    const job: Job = {
      ...counted(async () => {
        throw new Problem('projection_behind', 'not yet');
      }),
      due: async () => [1, 2, 3].map((hour) => new Date(hour * HOUR_MS)),
    };
    expect(await runDue(parts(new Date()), job, node())).toEqual({ runs: 0, failures: 1 });
  });

  test('of one workspace that fails keeps no other waiting', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const broken = randomUUID();
    const errors: unknown[] = [];
    const halting: Job = {
      ...job,
      due: (statements, id, now) =>
        id === broken ? Promise.reject(new Error('not here')) : job.due(statements, id, now),
    };
    const both = { ...parts(new Date(), errors), workspaces: async () => [broken, workspaceId] };
    expect(await runDue(both, halting, node())).toEqual({ runs: 1, failures: 1 });
    expect(ran).toBe(1);
    expect(errors).toMatchObject([{ workspaceId: broken }]);
  });

  test('is not begun by a server that is asked to stop', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    await runDue(parts(new Date()), job, { ...node(), stopping: AbortSignal.abort() });
    expect(ran).toBe(0);
    expect(await rows(`select from job_run where job = '${job.name}'`)).toEqual([]);
  });

  test('is looked for at the start, and a server stops after the run in progress', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const jobs = startJobs(parts(new Date()), [job]);
    await expect.poll(() => jobs.counts()[job.name]).toMatchObject({ runs: 1, failures: 0 });
    await jobs.stop();
    expect(ran).toBe(1);
  });
});

describe('the snapshot of a day', () => {
  test('is what the pipeline was at its end, as recorded, and is taken once', async () => {
    const kept = uuidv7();
    await past.happened([
      [day('2025-01-01'), 'DealCreated', kept, { name: 'Kept', amountMinor: 333, currency: 'USD' }],
      [day('2025-01-01'), 'DealCreated', uuidv7(), { name: 'Worthless' }],
    ]);
    const tomorrow = new Date(Date.now() + DAY_MS);
    await past.ask('pipeline');
    await Promise.all([1, 2].map(() => runDue(parts(tomorrow), onlyPast(snapshots()), node())));
    await database().owner.query(`update event set recorded_at = recorded_at - interval '2 days'`);
    const errors: unknown[] = [];
    await Promise.all([1, 2, 3].map(() => runDue(parts(new Date(), errors), snapshots(), node())));
    expect(errors).toEqual([]);

    const taken = await rows(
      'select day::text, deals, amount_minor::text as amount, currency from crm.pipeline_snapshot order by day, currency',
    );
    const days = [...new Set(taken.map((row) => row['day'] as string))];
    expect(days.length).toBeGreaterThan(0);
    for (const each of days) {
      const answer = await past.ask(`pipeline?asOf=${each}`);
      const mine = taken.filter((row) => row['day'] === each);
      expect(mine.reduce((sum, row) => sum + Number(row['deals']), 0)).toBe(answer['count']);
      expect(mine.reduce((sum, row) => sum + Number(row['amount']), 0)).toBe(answer['amountMinor']);
    }
    expect(await rows('select day, entry from pipeline_snapshot group by 1, 2 having count(*) > 1')).toEqual([]);
  });

  test('waits until the read models show what had been recorded by then', async () => {
    await database().owner.query(`delete from job_run where job = 'pipeline-snapshots'`);
    await database().owner.query('delete from pipeline_snapshot');
    const taken = async () => (await rows('select from pipeline_snapshot')).length;
    const seen: number[] = [];
    const slow = pipelineSnapshots(async (id) => {
      seen.push(await taken());
      return seen.length < 3 ? 0 : positionOf(pool().for(id), id);
    });
    expect(await runDue(parts(new Date()), slow, node())).toMatchObject({ failures: 0 });
    expect(seen.slice(0, 3)).toEqual([0, 0, 0]);
    expect(await taken()).toBeGreaterThan(0);
  });

  test('is there once where one of three servers died in mid-run, and when that one wakes again', async () => {
    const job: Job = { ...snapshots(), name: randomUUID() };
    const [woken, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hanging: Job = {
      ...job,
      due: async (...args) => (await job.due(...args)).slice(-1),
      run: async (run) => {
        dead.resolve();
        await woken.promise;
        await job.run(run);
      },
    };
    await database().owner.query('delete from pipeline_snapshot');
    const first = runDue(parts(new Date()), hanging, node());
    await dead.promise;
    const others = () => Promise.all([1, 2].map(() => runDue(parts(new Date()), job, node())));
    await others();
    await database().owner.query('update job_run set expires_at = now() where job = $1 and done_at is null', [
      job.name,
    ]);
    await others();
    const taken = () => rows('select * from pipeline_snapshot order by day, entry');
    const before = await taken();
    woken.resolve();
    await first;
    expect(await taken()).toEqual(before);
    const perDay = await rows(`select day, sum(deals)::integer as deals from pipeline_snapshot group by day`);
    expect(perDay.length).toBeGreaterThan(1);
    expect(new Set(perDay.map((each) => each['deals']))).toEqual(new Set([2]));
  });

  test('stays as it was taken when the workspace moves to another time zone', async () => {
    const taken = () => rows('select day::text, entry, position from pipeline_snapshot order by 1, 2');
    const before = await taken();
    const zoned = async (timeZone: string) => {
      await past.rest.ok(200, 'PATCH', '/api/workspace', { timeZone });
      await past.ask('pipeline');
    };
    for (const zone of ['Pacific/Honolulu', 'Pacific/Kiritimati']) {
      await zoned(zone);
      const errors: unknown[] = [];
      const { failures } = await runDue(parts(new Date(), errors), snapshots(), node());
      expect(errors).toEqual([]);
      expect(failures).toBe(0);
    }
    const days = new Set(before.map((row) => row['day']));
    expect((await taken()).filter((row) => days.has(row['day']))).toEqual(before);
    await zoned('UTC');
  });

  /** What has not ended has no snapshot: asked for too early it fails and nothing is written. */
  const onlyPast = (job: Job): Job => ({
    ...job,
    due: async (statements, id, now) =>
      (await job.due(statements, id, now)).filter((moment) => moment.getTime() <= Date.now()),
  });

  test('of days without a server is caught up', async () => {
    const moments = await snapshots().due(pool().for(workspaceId), workspaceId, new Date());
    expect(moments.length).toBeGreaterThanOrEqual(2);
    const far = await snapshots().due(pool().for(workspaceId), workspaceId, new Date(Date.now() + 400 * DAY_MS));
    expect(far).toHaveLength(31);
  });
});

describe('reminders', () => {
  const at = (text: string) => new Date(text);
  const note = async (time: string) => runDue(parts(at(time)), reminders, node());
  const open = () => rows('select kind, record_id, since from crm.reminder where ended_at is null order by since');

  test('name an overdue activity once, until it is done', async () => {
    const call = uuidv7();
    await past.happened([
      [day('2025-02-01'), 'ActivityScheduled', call, { kind: 'call', subject: 'Call', dueAt: '2025-02-03T10:00:00Z' }],
    ]);
    await past.ask('pipeline');
    await note('2025-02-03T09:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-02-03T11:00:00Z');
    await note('2025-02-03T12:00:00Z');
    expect(await open()).toMatchObject([{ kind: 'overdue_activity', record_id: call }]);
    const { items } = await past.rest.ok(200, 'GET', '/api/reminders?kind=overdue_activity');
    expect(items).toMatchObject([{ kind: 'overdue_activity', recordId: call, endedAt: null }]);
    await past.happened([[day('2025-02-04'), 'ActivityCompleted', call, {}]]);
    await past.ask('pipeline');
    await note('2025-02-04T12:00:00Z');
    expect(await open()).toEqual([]);
    expect(await rows('select kind from crm.reminder')).toHaveLength(1);
  });

  test('name a rotting deal since its time was over, and anew when it rots again', async () => {
    const deal = uuidv7();
    await past.happened([
      [
        new Date().toISOString(),
        'StageChanged',
        past.pipelineId,
        { stageId: past.stages['Proposal'], rottenAfterDays: 5 },
      ],
      [day('2025-03-01'), 'DealCreated', deal, { name: 'Rots', stageId: past.stages['Proposal'] }],
    ]);
    await past.ask('pipeline');
    await note('2025-03-05T00:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-03-07T00:00:00Z');
    expect(await open()).toMatchObject([{ kind: 'rotten_deal', record_id: deal, since: '2025-03-06T00:00:00.000Z' }]);
    await past.happened([
      [day('2025-03-08'), 'NoteAdded', uuidv7(), { about: { type: 'deal', id: deal }, body: 'Still alive.' }],
    ]);
    await past.ask('pipeline');
    await note('2025-03-09T00:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-03-14T00:00:00Z');
    expect(await open()).toMatchObject([{ record_id: deal, since: '2025-03-13T00:00:00.000Z' }]);
    expect(await rows(`select since from crm.reminder where record_id = '${deal}'`)).toHaveLength(2);
  });
});

test('what expired long ago is cleared away, and nothing else', async () => {
  const { me } = past.rest;
  const owner = database().owner;
  const session = (id: string, expires: string) =>
    owner.query(
      `insert into session (workspace_id, session_id, user_id, device_id, expires_at) values ($1, $2, $3, $4, now() + $5::interval)`,
      [workspaceId, id, me.user.id, me.deviceId, expires],
    );
  const [old, recent] = [uuidv7(), uuidv7()];
  await session(old, '-31 days');
  await session(recent, '-1 day');
  const before = await owner.query('select count(*) as n from event');
  const errors: unknown[] = [];
  expect(await runDue(parts(new Date(), errors), expiredRows(owner), node())).toEqual({ runs: 1, failures: 0 });
  expect(errors).toEqual([]);
  const left = (await rows('select session_id as id from session')).map(({ id }) => id as string);
  expect(left).not.toContain(old);
  expect(left).toContain(recent);
  expect((await owner.query('select count(*) as n from event')).rows).toEqual(before.rows);
});

test('keys of integrations are listed long after they were revoked', async () => {
  const { id } = await past.rest.ok(201, 'POST', '/api/api-keys', { name: 'Warehouse', role: 'analyst' });
  await past.rest.ok(200, 'DELETE', `/api/api-keys/${id}`);
  await database().owner.query(
    `update session set revoked_at = now() - interval '1 year', expires_at = now() - interval '1 year' where session_id = $1`,
    [id],
  );
  await database().owner.query(`delete from job_run where job = 'expired-rows'`);
  await runDue(parts(new Date()), expiredRows(database().owner), node());
  const { items } = await past.rest.ok(200, 'GET', '/api/api-keys');
  expect(items).toMatchObject([{ id, name: 'Warehouse' }]);
});
