import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimRun } from '../../../src/server/jobs/job-runs.ts';
import type { Job } from '../../../src/server/jobs/job.ts';
import { expiredRows } from '../../../src/server/jobs/expired-rows.ts';
import { pipelineSnapshots } from '../../../src/server/jobs/pipeline-snapshots.ts';
import { reminders } from '../../../src/server/jobs/reminders.ts';
import { runDue, startJobs } from '../../../src/server/jobs/run-jobs.ts';
import { positionOf } from '../../../src/server/projector/progress.ts';
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

  test('of a server that died is another’s when its time is over, and the first one’s late end counts for nothing', async () => {
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
