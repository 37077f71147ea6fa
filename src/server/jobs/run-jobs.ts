import { randomUUID } from 'node:crypto';
import { createTask } from 'node-cron';
import type { Job } from './job.ts';
import { type JobNode, type JobParts, runDue } from './run-due.ts';

/** What a job did since the server started. */
export interface JobCounts {
  readonly runs: number;
  readonly failures: number;
  /** When a look left nothing undone, in seconds since the epoch; 0 for never. */
  readonly lastSuccess: number;
  /** How long the newest look with anything to do took, in seconds. */
  readonly duration: number;
}

export interface Jobs {
  readonly counts: () => Readonly<Record<string, JobCounts>>;
  /** Ends after the run in progress. */
  readonly stop: () => Promise<void>;
}

const NEVER: JobCounts = { runs: 0, failures: 0, lastSuccess: 0, duration: 0 };

const lookAt = async (parts: JobParts, job: Job, node: JobNode, before: JobCounts): Promise<JobCounts> => {
  const began = parts.now().getTime();
  try {
    const { runs, failures } = await runDue(parts, job, node);
    const ended = parts.now().getTime();
    const busy = runs + failures > 0;
    if (busy) parts.log.info({ job: job.name, runs, failures, ms: ended - began }, 'did what was due');
    return {
      runs: before.runs + runs,
      failures: before.failures + failures,
      lastSuccess: failures === 0 ? Math.floor(ended / 1000) : before.lastSuccess,
      duration: busy ? (ended - began) / 1000 : before.duration,
    };
  } catch (error) {
    parts.log.error({ err: error, job: job.name }, 'a job could not look for what is due');
    return { ...before, failures: before.failures + 1 };
  }
};

/** Looks at every job by its schedule, and once at the start: what was due while no server ran is done then. */
export const startJobs = (parts: JobParts, jobs: readonly Job[]): Jobs => {
  const stopping = new AbortController();
  const node = { holder: randomUUID(), stopping: stopping.signal };
  const counts: Record<string, JobCounts> = Object.fromEntries(jobs.map(({ name }) => [name, NEVER]));
  const running = new Map<string, Promise<void>>();

  const look = async (job: Job): Promise<void> => {
    counts[job.name] = await lookAt(parts, job, node, counts[job.name] ?? NEVER);
    running.delete(job.name);
  };
  // One look at a time: a slow one is not overtaken by the next.
  const lookOnce = (job: Job): void => {
    if (!running.has(job.name) && !stopping.signal.aborted) running.set(job.name, look(job));
  };
  const tasks = jobs.map((job) =>
    // A tick that came late or not at all is no news: what was due is found at the next one.
    createTask(job.schedule, () => lookOnce(job), { timezone: 'UTC', name: job.name, suppressMissedWarning: true }),
  );
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
