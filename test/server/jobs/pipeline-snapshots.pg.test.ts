import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../../src/server/jobs/job.ts';
import { pipelineSnapshots } from '../../../src/server/jobs/pipeline-snapshots.ts';
import { runDue } from '../../../src/server/jobs/run-due.ts';
import { positionOf } from '../../../src/server/projector/progress.ts';
import { DAY_MS, type JobBench, node, openJobs } from '../../support/jobs.ts';
import { day } from '../../support/past.ts';

let bench: JobBench;

beforeAll(async () => {
  bench = await openJobs();
});
afterAll(() => bench[Symbol.asyncDispose]());

const snapshots = (): Job => pipelineSnapshots((id) => positionOf(bench.pool.for(id), id));

describe('the snapshot of a day', () => {
  test('is what the pipeline was at its end, as recorded, and is taken once', async () => {
    const kept = uuidv7();
    await bench.past.happened([
      [day('2025-01-01'), 'DealCreated', kept, { name: 'Kept', amountMinor: 333, currency: 'USD' }],
      [day('2025-01-01'), 'DealCreated', uuidv7(), { name: 'Worthless' }],
    ]);
    const tomorrow = new Date(Date.now() + DAY_MS);
    await bench.past.ask('pipeline');
    await Promise.all([1, 2].map(() => runDue(bench.parts(tomorrow), onlyPast(snapshots()), node())));
    await bench.owner.query(`update event set recorded_at = recorded_at - interval '2 days'`);
    const errors: unknown[] = [];
    await Promise.all([1, 2, 3].map(() => runDue(bench.parts(new Date(), errors), snapshots(), node())));
    expect(errors).toEqual([]);

    const taken = await bench.rows(
      'select day::text, deals, amount_minor::text as amount, currency from crm.pipeline_snapshot order by day, currency',
    );
    const days = [...new Set(taken.map((row) => row['day'] as string))];
    expect(days.length).toBeGreaterThan(0);
    for (const each of days) {
      const answer = await bench.past.ask(`pipeline?asOf=${each}`);
      const mine = taken.filter((row) => row['day'] === each);
      expect(mine.reduce((sum, row) => sum + Number(row['deals']), 0)).toBe(answer['count']);
      expect(mine.reduce((sum, row) => sum + Number(row['amount']), 0)).toBe(answer['amountMinor']);
    }
    expect(await bench.rows('select day, entry from pipeline_snapshot group by 1, 2 having count(*) > 1')).toEqual([]);
  });

  test('waits until the read models show what had been recorded by then', async () => {
    await bench.owner.query(`delete from job_run where job = 'pipeline-snapshots'`);
    await bench.owner.query('delete from pipeline_snapshot');
    const taken = async () => (await bench.rows('select from pipeline_snapshot')).length;
    const seen: number[] = [];
    const slow = pipelineSnapshots(async (id) => {
      seen.push(await taken());
      return seen.length < 3 ? 0 : positionOf(bench.pool.for(id), id);
    });
    expect(await runDue(bench.parts(new Date()), slow, node())).toMatchObject({ failures: 0 });
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
    await bench.owner.query('delete from pipeline_snapshot');
    const first = runDue(bench.parts(new Date()), hanging, node());
    await dead.promise;
    const others = () => Promise.all([1, 2].map(() => runDue(bench.parts(new Date()), job, node())));
    await others();
    await bench.owner.query('update job_run set expires_at = now() where job = $1 and done_at is null', [job.name]);
    await others();
    const taken = () => bench.rows('select * from pipeline_snapshot order by day, entry');
    const before = await taken();
    woken.resolve();
    await first;
    expect(await taken()).toEqual(before);
    const perDay = await bench.rows(`select day, sum(deals)::integer as deals from pipeline_snapshot group by day`);
    expect(perDay.length).toBeGreaterThan(1);
    expect(new Set(perDay.map((each) => each['deals']))).toEqual(new Set([2]));
  });

  test('stays as it was taken when the workspace moves to another time zone', async () => {
    const taken = () => bench.rows('select day::text, entry, position from pipeline_snapshot order by 1, 2');
    const before = await taken();
    const zoned = async (timeZone: string) => {
      await bench.past.rest.ok(200, 'PATCH', '/api/workspace', { timeZone });
      await bench.past.rest.ok(200, 'GET', '/api/deals');
    };
    for (const zone of ['Pacific/Honolulu', 'Pacific/Kiritimati']) {
      await zoned(zone);
      const errors: unknown[] = [];
      const { failures } = await runDue(bench.parts(new Date(), errors), snapshots(), node());
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
    const moments = await snapshots().due(bench.pool.for(bench.workspaceId), bench.workspaceId, new Date());
    expect(moments.length).toBeGreaterThanOrEqual(2);
    const far = await snapshots().due(
      bench.pool.for(bench.workspaceId),
      bench.workspaceId,
      new Date(Date.now() + 400 * DAY_MS),
    );
    expect(far).toHaveLength(31);
  });
});
