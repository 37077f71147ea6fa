import type { Statements } from '../database/workspace-pool.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Job } from './job.ts';

const DAY_MS = 86_400_000;
/** In a statement, so that nothing waits for it long. */
const BATCH = 1000;
const BATCHES_MAX = 100;

/** Rows that answer no question any more. What the log remembers is for ever: neither events nor outcomes are among them. */
export interface Expiring {
  readonly table: string;
  /** Of the primary key, without the workspace. */
  readonly key: string;
  readonly expired: string;
}

/** What a key of an integration was is told by its session, for ever. */
const OF_PERSON = `not exists (select from api_key k where k.workspace_id = session.workspace_id and k.key_id = session.session_id)`;

export const EXPIRING: readonly Expiring[] = [
  // A session that ended is asked for once more by a phone that was off for long; then its device signs in anew.
  { table: 'session', key: 'session_id', expired: `expires_at < now() - interval '30 days' and ${OF_PERSON}` },
  { table: 'session', key: 'session_id', expired: `revoked_at < now() - interval '90 days' and ${OF_PERSON}` },
  { table: 'invitation', key: 'token_hash', expired: `expires_at < now() - interval '30 days'` },
  { table: 'request_key', key: 'user_id, key', expired: `created_at < now() - interval '7 days'` },
  { table: 'reminder', key: 'kind, record_id, since', expired: `ended_at < now() - interval '365 days'` },
  // Longer than snapshots are caught up.
  { table: 'job_run', key: 'job, due', expired: `due < now() - interval '90 days'` },
];

const deleteExpired = async (statements: Statements, workspaceId: Uuid, expiring: Expiring): Promise<void> => {
  const { table, key, expired } = expiring;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const { rowCount } = await statements.query(
      `delete from ${table} where workspace_id = $1 and (${key}) in (
         select ${key} from ${table} where workspace_id = $1 and ${expired} limit ${BATCH})`,
      [workspaceId],
    );
    if ((rowCount ?? 0) < BATCH) return;
  }
};

/** Clears away, once a day, what has long expired. */
export const expiredRows = (owner: Statements): Job => ({
  name: 'expired-rows',
  schedule: '30 3 * * *',
  due: async (_statements, _workspaceId, now) => [new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS)],
  run: async ({ workspaceId, statements, done }) => {
    for (const expiring of EXPIRING) await deleteExpired(owner, workspaceId, expiring);
    const { text, values } = done(1);
    await statements.query(text, [...values]);
  },
});
