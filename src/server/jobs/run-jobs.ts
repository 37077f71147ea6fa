import { randomUUID } from 'node:crypto';
import { createTask } from 'node-cron';
import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Job } from './job.ts';
import { claimRun, endRun, freeRun, type RunKey, stillDue } from './job-runs.ts';

/** The part of a pino logger that jobs use. */
export interface JobLog {
  readonly info: (details: object, message: string) => void;
  readonly error: (details: object, message: string) => void;
}

export interface JobParts {
  readonly pool: WorkspacePool;
  readonly workspaces: () => Promise<readonly Uuid[]>;
  readonly log: JobLog;
  readonly now: () => Date;
}

/** What a job did since the server started. */
export interface JobCounts {
  readonly runs: number;
  readonly failures: number;
  /** Seconds since the epoch; 0 for never. */
  readonly lastSuccess: number;
}

/** Does what is due of a job in every workspace and answers how many runs it made; a failure is logged and tried again at the next look. */
export const runDue = async (
  { pool, workspaces, log, now }: JobParts,
  job: Job,
  { holder, stopping }: { readonly holder: Uuid; readonly stopping?: AbortSignal },
): Promise<{ readonly runs: number; readonly failures: number }> => {
  let [runs, failures] = [0, 0];
  for (const workspaceId of await workspaces()) {
    const statements = pool.for(workspaceId);
    const moments = await stillDue(statements, workspaceId, job.name, await job.due(statements, workspaceId, now()));
    for (const due of moments) {
      if (stopping?.aborted === true) return { runs, failures };
      const key: RunKey = { workspaceId, job: job.name, due };
      if (!(await claimRun(statements, key, holder))) continue;
      try {
        await job.run({ workspaceId, statements, due, done: endRun(key, holder) });
        runs += 1;
      } catch (error) {
        failures += 1;
        log.error({ err: error, workspaceId, job: job.name, due }, 'a job failed; it is tried again');
        await freeRun(statements, key, holder);
      }
    }
  }
  return { runs, failures };
};

export interface Jobs {
  readonly counts: () => Readonly<Record<string, JobCounts>>;
  /** Ends after the run in progress. */
  readonly stop: () => Promise<void>;
}

/** Looks at every job by its schedule, and once at the start: what was due while no server ran is done then. */
export const startJobs = (parts: JobParts, jobs: readonly Job[]): Jobs => {
  const holder = randomUUID();
  const stopping = new AbortController();
  const counts: Record<string, JobCounts> = {};
  const running = new Map<string, Promise<void>>();

  const look = async (job: Job): Promise<void> => {
    const before = counts[job.name] ?? { runs: 0, failures: 0, lastSuccess: 0 };
    try {
      const { runs, failures } = await runDue(parts, job, { holder, stopping: stopping.signal });
      const lastSuccess = failures === 0 ? Math.floor(Date.now() / 1000) : before.lastSuccess;
      counts[job.name] = { runs: before.runs + runs, failures: before.failures + failures, lastSuccess };
      if (runs > 0) parts.log.info({ job: job.name, runs }, 'did what was due');
    } catch (error) {
      counts[job.name] = { ...before, failures: before.failures + 1 };
      parts.log.error({ err: error, job: job.name }, 'a job could not look for what is due');
    }
  };
  // One look at a time: a slow one is not overtaken by the next.
  const lookOnce = (job: Job): void => {
    if (running.has(job.name) || stopping.signal.aborted) return;
    running.set(
      job.name,
      look(job).finally(() => running.delete(job.name)),
    );
  };
  const tasks = jobs.map((job) => createTask(job.schedule, () => lookOnce(job), { timezone: 'UTC', name: job.name }));
  for (const task of tasks) void task.start();
  for (const job of jobs) lookOnce(job);

  return {
    counts: () => counts,
    stop: async () => {
      stopping.abort();
      for (const task of tasks) await task.destroy();
      await Promise.all(running.values());
    },
  };
};
