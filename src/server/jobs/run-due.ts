import { Problem } from '../../shared/contract/problem.ts';
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

/** The server that looks, and whether it was asked to stop. */
export interface JobNode {
  readonly holder: Uuid;
  readonly stopping?: AbortSignal;
}

/** What one look came to. */
export interface Look {
  readonly runs: number;
  readonly failures: number;
}

type Ended = 'done' | 'elsewhere' | 'failed' | 'behind';

const runOnce = async ({ pool, log }: JobParts, job: Job, key: RunKey, { holder }: JobNode): Promise<Ended> => {
  const { workspaceId, due } = key;
  const statements = pool.for(workspaceId);
  if (!(await claimRun(statements, key, holder))) return 'elsewhere';
  try {
    await job.run({ workspaceId, statements, due, done: endRun(key, holder) });
    return 'done';
  } catch (error) {
    log.error({ err: error, workspaceId, job: job.name, due }, 'a job failed; it is tried again');
    await freeRun(statements, key, holder);
    return error instanceof Problem && error.body.code === 'projection_behind' ? 'behind' : 'failed';
  }
};

const runIn = async (parts: JobParts, job: Job, workspaceId: Uuid, node: JobNode): Promise<Look> => {
  const statements = parts.pool.for(workspaceId);
  const moments = await job.due(statements, workspaceId, parts.now());
  let [runs, failures] = [0, 0];
  for (const due of await stillDue(statements, workspaceId, job.name, moments)) {
    if (node.stopping?.aborted === true) break;
    const ended = await runOnce(parts, job, { workspaceId, job: job.name, due }, node);
    if (ended === 'done') runs += 1;
    if (ended === 'failed' || ended === 'behind') failures += 1;
    // Whoever waited for the read models in vain need not wait for them at each later moment again.
    if (ended === 'behind') break;
  }
  return { runs, failures };
};

/** Does what is due of a job in every workspace. A failure keeps no other workspace waiting; it is logged and tried again at the next look. */
export const runDue = async (parts: JobParts, job: Job, node: JobNode): Promise<Look> => {
  let [runs, failures] = [0, 0];
  for (const workspaceId of await parts.workspaces()) {
    if (node.stopping?.aborted === true) break;
    try {
      const look = await runIn(parts, job, workspaceId, node);
      runs += look.runs;
      failures += look.failures;
    } catch (error) {
      failures += 1;
      parts.log.error({ err: error, workspaceId, job: job.name }, 'a job could not look for what is due');
    }
  }
  return { runs, failures };
};
