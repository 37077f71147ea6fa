import type { ClientBase, Pool } from 'pg';
import type { Role } from '../../../shared/contract/events/user.ts';
import type { Uuid } from '../../../shared/base/ids.ts';
import type { Suffix } from '../tables.ts';

/** Who wants what built, as of when. */
export interface ReplayOrder {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  readonly role: Role;
  /** As it was asked: a position, a time or a day. */
  readonly asked: string;
  /** Everything at or below it counts. */
  readonly position: number;
  /** The present of that moment, as ISO time. */
  readonly moment: string;
  readonly schema: string;
}

/** A past moment whose read models were built, or begun. */
export interface Replay extends ReplayOrder {
  readonly id: Uuid;
  readonly suffix: Suffix;
  readonly startedAt: string;
  /** null: it broke off, or goes on. */
  readonly finishedAt: string | null;
  readonly rows: number | null;
  /** Hex, of all rows of its views. */
  readonly sha256: string | null;
}

const NOTE = `
insert into replay (workspace_id, replay_id, user_id, role, asked, position, moment, schema_name, suffix)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Before the first event is folded: who builds what. `owner` is the pool of that role, here and below. */
export const noteReplay = async (owner: Pool, id: Uuid, suffix: Suffix, order: ReplayOrder): Promise<void> => {
  const { workspaceId, userId, role, asked, position, moment, schema } = order;
  await owner.query(NOTE, [workspaceId, id, userId, role, asked, position, moment, schema, suffix]);
};

const FINISH = `
update replay set finished_at = now(), row_count = $3, sha256 = decode($4, 'hex') where workspace_id = $1 and replay_id = $2`;

export const noteFinished = async (
  client: ClientBase,
  { workspaceId, id }: Pick<Replay, 'workspaceId' | 'id'>,
  { rows, sha256 }: { readonly rows: number; readonly sha256: string },
): Promise<void> => {
  await client.query(FINISH, [workspaceId, id, rows, sha256]);
};

/** The note stays for whoever asks later what was looked at. */
export const noteDropped = async (
  owner: Pool,
  { workspaceId, id }: Pick<Replay, 'workspaceId' | 'id'>,
): Promise<void> => {
  await owner.query('update replay set dropped_at = now() where workspace_id = $1 and replay_id = $2', [
    workspaceId,
    id,
  ]);
};

const LIST = `
select workspace_id as "workspaceId", replay_id as id, user_id as "userId", role, asked, position, moment,
       schema_name as schema, suffix, started_at as "startedAt", finished_at as "finishedAt", row_count as rows,
       encode(sha256, 'hex') as sha256
  from replay where workspace_id = $1 and dropped_at is null order by started_at, replay_id`;

/** Those of a workspace that were not dropped, the oldest first. */
export const listReplays = async (owner: Pool, workspaceId: Uuid): Promise<readonly Replay[]> =>
  (await owner.query<Replay>(LIST, [workspaceId])).rows;

const TAKEN = `
select from replay where schema_name = $1 and dropped_at is null
union all select from pg_namespace where nspname = $1`;

/** Whether some workspace has a schema of that name. */
export const isTaken = async (owner: Pool, schema: string): Promise<boolean> =>
  ((await owner.query(TAKEN, [schema])).rowCount ?? 0) > 0;
