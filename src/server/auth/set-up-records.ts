import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Role } from '../../shared/contract/events/user.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { findRecord, recordOf, type StoredRecord } from '../queries/stored-record.ts';
import { setUpOf } from '../queries/visible.ts';

/** Streams of the workspace's set-up that are kept by those who run it. */
export type SetUpType = 'user' | 'team';

export interface Page {
  readonly limit: number;
  /** The id that the last page ended with. */
  readonly after: Uuid | undefined;
}

export interface RecordPage {
  readonly items: readonly JsonObject[];
  /** For `after`; null on the last page. */
  readonly next: Uuid | null;
}

/** A record as it is after a write. */
export interface Changed {
  readonly id: Uuid;
  readonly record: JsonObject;
  readonly version: number;
  /** Of the newest event. */
  readonly position: number;
}

/** @throws Problem forbidden */
export const requireRole = ({ role }: Principal, ...roles: readonly Role[]): void => {
  if (!roles.includes(role)) throw new Problem('forbidden', `This is for people with the role ${roles.join(' or ')}.`);
};

/** @throws Problem not_found */
export const recordIn = async (
  pool: WorkspacePool,
  principal: Principal,
  type: SetUpType,
  id: Uuid,
): Promise<StoredRecord> => {
  const found = await findRecord(pool.for(principal.workspaceId), setUpOf(principal), type, id);
  if (found === undefined) throw new Problem('not_found', `There is no such ${type}.`);
  return found;
};

/** The record after a write that ended at `position`, or 0 where nothing had to change. */
export const changedRecord = async (
  pool: WorkspacePool,
  principal: Principal,
  target: { readonly type: SetUpType; readonly id: Uuid },
  position: number,
): Promise<Changed> => {
  const found = await recordIn(pool, principal, target.type, target.id);
  const { id, record, version } = found;
  return { id, record, version, position: position === 0 ? found.position : position };
};

interface Row {
  readonly id: Uuid;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly state: string;
}

// Ids of version 7 are in the order of their creation.
const LIST = `
select s.stream_id as id, s.version, s.created_at as "createdAt", e.recorded_at as "updatedAt", s.state
  from stream s join event e on e.workspace_id = s.workspace_id and e.position = s.position
 where s.workspace_id = $1 and s.stream_type = $2 and s.state ->> 'deletedAt' is null
   and ($3::uuid is null or s.stream_id > $3)
 order by s.stream_id limit $4`;

/** All of a kind, deleted ones left out. */
export const listRecords = async (
  pool: WorkspacePool,
  { workspaceId }: Principal,
  type: SetUpType,
  { limit, after }: Page,
): Promise<RecordPage> => {
  const { rows } = await pool.for(workspaceId).query<Row>(LIST, [workspaceId, type, after ?? null, limit + 1]);
  const shown = rows.slice(0, limit);
  const items = shown.map((row) => recordOf(JSON.parse(row.state) as JsonObject, row));
  return { items, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
};
