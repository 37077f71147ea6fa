import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimRun } from '../../../src/server/jobs/job-runs.ts';
import type { Job } from '../../../src/server/jobs/job.ts';
import { runDue } from '../../../src/server/jobs/run-due.ts';
import { startJobs } from '../../../src/server/jobs/run-jobs.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { HOUR_MS, type JobBench, node, openJobs } from '../../support/jobs.ts';

let bench: JobBench;

beforeAll(async () => {
  bench = await openJobs();
});
afterAll(() => bench[Symbol.asyncDispose]());

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
    const looks = () => Promise.all([1, 2, 3].map(() => runDue(bench.parts(new Date()), job, node())));
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
    expect(await runDue(bench.parts(new Date(), errors), job, node())).toEqual({ runs: 0, failures: 1 });
    fails = false;
    expect(await runDue(bench.parts(new Date(), errors), job, node())).toEqual({ runs: 1, failures: 0 });
    expect(errors).toHaveLength(1);
  });

  test('of a server that died is another’s when its time is over', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const due = new Date('2026-01-01T00:00:00Z');
    expect(
      await claimRun(
        bench.pool.for(bench.workspaceId),
        { workspaceId: bench.workspaceId, job: job.name, due },
        randomUUID(),
      ),
    ).toBe(true);
    await runDue(bench.parts(new Date()), job, node());
    expect(ran).toBe(0);
    await bench.owner.query('update job_run set expires_at = now() where job = $1', [job.name]);
    await runDue(bench.parts(new Date()), job, node());
    expect(ran).toBe(1);
    expect(
      await bench.rows(`select attempts, done_at is not null as done from job_run where job = '${job.name}'`),
    ).toEqual([{ attempts: 2, done: true }]);
  });

  test('that waited in vain for the read models keeps the later ones for the next look', async () => {
    const job: Job = {
      ...counted(async () => {
        throw new Problem('projection_behind', 'not yet');
      }),
      due: async () => [1, 2, 3].map((hour) => new Date(hour * HOUR_MS)),
    };
    expect(await runDue(bench.parts(new Date()), job, node())).toEqual({ runs: 0, failures: 1 });
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
    const both = { ...bench.parts(new Date(), errors), workspaces: async () => [broken, bench.workspaceId] };
    expect(await runDue(both, halting, node())).toEqual({ runs: 1, failures: 1 });
    expect(ran).toBe(1);
    expect(errors).toMatchObject([{ workspaceId: broken }]);
  });

  test('is not begun by a server that is asked to stop', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    await runDue(bench.parts(new Date()), job, { ...node(), stopping: AbortSignal.abort() });
    expect(ran).toBe(0);
    expect(await bench.rows(`select from job_run where job = '${job.name}'`)).toEqual([]);
  });

  test('is looked for at the start, and a server stops after the run in progress', async () => {
    let ran = 0;
    const job = counted(async () => void (ran += 1));
    const jobs = startJobs(bench.parts(new Date()), [job]);
    await expect.poll(() => jobs.counts()[job.name]).toMatchObject({ runs: 1, failures: 0 });
    await jobs.stop();
    expect(ran).toBe(1);
  });
});
