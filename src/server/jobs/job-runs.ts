import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** How long a run may take before another server tries it. */
export const RUN_SECONDS = 120;

export interface RunKey {
  readonly workspaceId: Uuid;
  readonly job: string;
  readonly due: Date;
}

const CLAIM = `insert into job_run as r (workspace_id, job, due, holder, expires_at)
  values ($1, $2, $3, $4, now() + make_interval(secs => $5))
  on conflict (workspace_id, job, due) do update
    set holder = excluded.holder, expires_at = excluded.expires_at, attempts = r.attempts + 1
    where r.done_at is null and r.expires_at <= now()
  returning attempts`;

/** Takes a run that nobody has done or is at; false where somebody has. */
export const claimRun = async (
  statements: Statements,
  { workspaceId, job, due }: RunKey,
  holder: Uuid,
): Promise<boolean> => {
  const { rows } = await statements.query(CLAIM, [workspaceId, job, due, holder, RUN_SECONDS]);
  return rows.length > 0;
};

/** Ends a run, as a part of a statement; nothing where it is another server's by now. */
export const endRun =
  ({ workspaceId, job, due }: RunKey, holder: Uuid) =>
  (first: number): { readonly text: string; readonly values: readonly unknown[] } => ({
    text: `update job_run set done_at = now()
      where workspace_id = $${first} and job = $${first + 1} and due = $${first + 2} and holder = $${first + 3} and done_at is null
      returning workspace_id`,
    values: [workspaceId, job, due, holder],
  });

const FREE = `update job_run set expires_at = now() where workspace_id = $1 and job = $2 and due = $3 and holder = $4 and done_at is null`;

/** Lets another server, or this one at the next look, try again. */
export const freeRun = async (
  statements: Statements,
  { workspaceId, job, due }: RunKey,
  holder: Uuid,
): Promise<void> => {
  await statements.query(FREE, [workspaceId, job, due, holder]);
};

const DONE = `select due from job_run where workspace_id = $1 and job = $2 and done_at is not null and due >= $3`;

/** Of these moments, the ones whose run is not done. */
export const stillDue = async (
  statements: Statements,
  workspaceId: Uuid,
  job: string,
  moments: readonly Date[],
): Promise<Date[]> => {
  const [oldest] = moments.toSorted((a, b) => a.getTime() - b.getTime());
  if (oldest === undefined) return [];
  const { rows } = await statements.query<{ due: string }>(DONE, [workspaceId, job, oldest]);
  const done = new Set(rows.map(({ due }) => Date.parse(due)));
  return moments.filter((moment) => !done.has(moment.getTime()));
};
