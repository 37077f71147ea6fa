import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/base/canonical-json.ts';
import type { Json } from '../../shared/base/json.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** What a client sent as Idempotency-Key, and what it asked for under it. */
export interface RequestKey {
  readonly key: string;
  /** Method, path, precondition and body. */
  readonly content: Json;
}

const hashOf = (content: Json): Buffer => createHash('sha256').update(canonicalJson(content)).digest();

const READ =
  'select request_hash as hash, events from request_key where workspace_id = $1 and user_id = $2 and key = $3';
/** Keys a week old go as new ones come: a few each time, so that no job has to remember them. */
const KEEP = `with forgotten as (
  delete from request_key where workspace_id = $1 and (user_id, key) in (
    select user_id, key from request_key where workspace_id = $1 and created_at < now() - interval '7 days' limit 10))
insert into request_key (workspace_id, user_id, key, request_hash, events) values ($1, $2, $3, $4, $5)
on conflict do nothing`;

// What a repetition brought into the log meanwhile keeps its key.
const FORGET = `
delete from request_key where workspace_id = $1 and user_id = $2 and key = $3 and events->0->>'id' = $4
   and not exists (select from event where workspace_id = $1 and event_id = $4::uuid)`;

/** The events that this very request stood for when it came first. Throws `id_reuse` where the key was used for another. */
export const eventsOfKey = async (
  pool: WorkspacePool,
  { workspaceId, userId }: Principal,
  { key, content }: RequestKey,
): Promise<ProposedEvent[] | undefined> => {
  const { rows } = await pool
    .for(workspaceId)
    .query<{ hash: Buffer; events: string }>(READ, [workspaceId, userId, key]);
  const [row] = rows;
  if (row === undefined) return undefined;
  if (!row.hash.equals(hashOf(content))) {
    throw new Problem('id_reuse', 'This Idempotency-Key was used for another request. Choose a new one.');
  }
  return JSON.parse(row.events) as ProposedEvent[];
};

/** Keeps the events under the key before they are pushed, and answers those to push: of two requests at once, the first one's. */
export const keepEvents = async (
  pool: WorkspacePool,
  principal: Principal,
  key: RequestKey,
  events: readonly ProposedEvent[],
): Promise<readonly ProposedEvent[]> => {
  const { workspaceId, userId } = principal;
  const values = [workspaceId, userId, key.key, hashOf(key.content), JSON.stringify(events)];
  const { rowCount } = await pool.for(workspaceId).query(KEEP, values);
  return rowCount === 1 ? events : ((await eventsOfKey(pool, principal, key)) ?? events);
};

/** Frees the key of a request that was refused whole: the client mends the request and sends it under the same key. */
export const forgetEvents = async (
  pool: WorkspacePool,
  { workspaceId, userId }: Principal,
  { key }: RequestKey,
  events: readonly ProposedEvent[],
): Promise<void> => {
  await pool.for(workspaceId).query(FORGET, [workspaceId, userId, key, events[0]?.id]);
};
