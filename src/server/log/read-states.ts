import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** One `enter` op, its JSON built by PostgreSQL. */
export interface EnterOp {
  readonly position: number;
  readonly type: string;
  readonly id: Uuid;
  readonly op: string;
}

const ENTER_OP = `concat(
  '{"op":"enter","position":', position, ',"version":', version,
  ',"stream":{"type":"', stream_type, '","id":"', stream_id, '"}',
  case when scope_id is null then concat(',"root":"', root_id, '"') else concat(',"scope":"', scope_id, '"') end,
  ',"state":', state, ',"clocks":', clocks, '}')`;

const SELECT = `select position, stream_type as type, stream_id as id, ${ENTER_OP} as op from stream where workspace_id = $1`;

/** Streams last written at or before `upTo` and before `below`, newest first. */
const NEWEST = (condition: string): string =>
  `${SELECT} and position <= $2 and position < $3 and ${condition} order by position desc limit $4`;
/** Streams last written after `after`, oldest first. */
const ASCENDING = (condition: string): string =>
  `${SELECT} and position > $2 and ${condition} order by position limit $3`;
const WANTED = (condition: string): string =>
  `select s.* from unnest($2::uuid[]) as i(id), lateral (${SELECT} and stream_id = i.id and ${condition} limit 1) s`;

/** As in a page of events: at least one, and no more than fit. */
const fitting = (rows: readonly EnterOp[], bytes: number): EnterOp[] => {
  let room = bytes;
  const end = rows.findIndex((row, index) => (room -= Buffer.byteLength(row.op)) < 0 && index > 0);
  return rows.slice(0, end === -1 ? rows.length : end);
};

/** States a statement: the longest page of the largest states still fits into memory. */
export const STATES_MAX = 500;

interface Page {
  readonly limit: number;
  readonly bytes: number;
  readonly condition: string;
}

export interface StatesPage {
  readonly states: readonly EnterOp[];
  /** No stream is left in this leg. */
  readonly complete: boolean;
}

const paged = (rows: readonly EnterOp[], asked: number, bytes: number): StatesPage => {
  const states = fitting(rows, bytes);
  return { states, complete: states.length === rows.length && rows.length < asked };
};

export const readNewest = async (
  statements: Statements,
  workspaceId: Uuid,
  range: Page & { readonly upTo: number; readonly below: number },
): Promise<StatesPage> => {
  const asked = Math.min(range.limit, STATES_MAX);
  const values = [workspaceId, range.upTo, range.below, asked];
  const { rows } = await statements.query<EnterOp>(NEWEST(range.condition), values);
  return paged(rows, asked, range.bytes);
};

export const readAscending = async (
  statements: Statements,
  workspaceId: Uuid,
  range: Page & { readonly after: number },
): Promise<StatesPage> => {
  const asked = Math.min(range.limit, STATES_MAX);
  const { rows } = await statements.query<EnterOp>(ASCENDING(range.condition), [workspaceId, range.after, asked]);
  return paged(rows, asked, range.bytes);
};

/** The present states of the wanted streams that may be seen, by id. */
export const readWanted = async (
  statements: Statements,
  workspaceId: Uuid,
  ids: readonly Uuid[],
  condition: string,
): Promise<Map<Uuid, EnterOp>> => {
  const { rows } = await statements.query<EnterOp>(WANTED(condition), [workspaceId, ids]);
  return new Map(rows.map((row) => [row.id, row]));
};
