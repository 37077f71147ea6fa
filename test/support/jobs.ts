import { randomUUID } from 'node:crypto';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JobNode, JobParts } from '../../src/server/jobs/run-due.ts';
import { type Json } from './rest.ts';
import { openPast, type PastBench } from './past.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A workspace whose jobs are run at whatever moment it is said to be. */
export interface JobBench extends AsyncDisposable {
  readonly past: PastBench;
  readonly workspaceId: Uuid;
  readonly pool: JobParts['pool'];
  /** @param errors takes the details of what goes wrong */
  parts(now: Date, errors?: unknown[]): JobParts;
  /** As the serving role. */
  rows(text: string): Promise<Json[]>;
  /** As whoever may do anything. */
  readonly owner: PastBench['rest']['test']['test']['database']['owner'];
}

/** Another server. */
export const node = (): JobNode => ({ holder: randomUUID() });

export const openJobs = async (): Promise<JobBench> => {
  const past = await openPast();
  const { database } = past.rest.test.test;
  const workspaceId = past.rest.me.workspace.id;
  const pool = database.app;
  return {
    past,
    workspaceId,
    pool,
    owner: database.owner,
    parts: (now, errors = []) => ({
      pool,
      workspaces: async () => [workspaceId],
      log: { info: () => {}, error: (details: object) => void errors.push(details) },
      now: () => now,
    }),
    rows: async (text) => (await pool.for(workspaceId).query(text)).rows,
    [Symbol.asyncDispose]: () => past[Symbol.asyncDispose](),
  };
};
