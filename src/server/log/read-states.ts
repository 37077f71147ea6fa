import type { Uuid } from '../../shared/base/ids.ts';
import { streamCondition, type Seen } from '../access/visibility.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** One `enter` op, its JSON built by PostgreSQL. */
export interface EnterOp {
  readonly position: number;
  readonly type: string;
  readonly id: Uuid;
  readonly op: string;
}

export const ENTER_OP = `concat(
  '{"op":"enter","position":', position, ',"version":', version,
  ',"stream":{"type":"', stream_type, '","id":"', stream_id, '"}',
  case when scope_id is null then concat(',"root":"', root_id, '"') else concat(',"scope":"', scope_id, '"') end,
  ',"state":', state, ',"clocks":', clocks, '}')`;

const SELECT = `select position, stream_type as type, stream_id as id, ${ENTER_OP} as op from stream where workspace_id = $1`;

/** Streams last written at or before `upTo` and before `below`, newest first. */
const NEWEST = (seen: Seen): string =>
  `${SELECT} and position <= $2 and position < $3 and ${streamCondition(seen)} order by position desc limit $4`;
/** Streams last written after `after`, oldest first. */
const ASCENDING = (seen: Seen): string =>
  `${SELECT} and position > $2 and ${streamCondition(seen)} order by position limit $3`;
const WANTED = (seen: Seen): string =>
  `select s.* from unnest($2::uuid[]) as i(id), lateral (${SELECT} and stream_id = i.id and ${streamCondition(seen)} limit 1) s`;

/** States a statement: the longest page of the largest states still fits into memory. */
export const STATES_MAX = 500;

export interface StatesPage {
  readonly states: readonly EnterOp[];
  /** No stream is left in this leg. */
  readonly complete: boolean;
}

const paged = (states: readonly EnterOp[], asked: number): StatesPage => ({ states, complete: states.length < asked });

/** At most `limit` of the streams that may be seen, from the newest on. */
export const readNewest = async (
  statements: Statements,
  seen: Seen,
  { upTo, below, limit }: { readonly upTo: number; readonly below: number; readonly limit: number },
): Promise<StatesPage> => {
  const asked = Math.min(limit, STATES_MAX);
  const { rows } = await statements.query<EnterOp>(NEWEST(seen), [seen.workspaceId, upTo, below, asked]);
  return paged(rows, asked);
};

/** At most `limit` of the streams that may be seen, from the one last written after a position on. */
export const readAscending = async (
  statements: Statements,
  seen: Seen,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<StatesPage> => {
  const asked = Math.min(limit, STATES_MAX);
  const { rows } = await statements.query<EnterOp>(ASCENDING(seen), [seen.workspaceId, after, asked]);
  return paged(rows, asked);
};

/** The present states of the wanted streams that may be seen, by id. */
export const readWanted = async (
  statements: Statements,
  seen: Seen,
  ids: readonly Uuid[],
): Promise<Map<Uuid, EnterOp>> => {
  if (ids.length === 0) return new Map();
  const { rows } = await statements.query<EnterOp>(WANTED(seen), [seen.workspaceId, ids]);
  return new Map(rows.map((row) => [row.id, row]));
};
