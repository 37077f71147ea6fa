import type { Uuid } from '../../shared/base/ids.ts';
import { EVENT_OP } from './event-op.ts';

/** Which events are asked for. */
export interface Since {
  readonly after: number;
  readonly limit: number;
  /** UTF-8 bytes of all ops together, exceeded by none but a first one. */
  readonly bytes: number;
}

/** Rows a statement: the longest page of the largest events still fits well into memory. */
export const ROWS_MAX = 1000;

export interface EventsPage {
  /** Of the same snapshot as the events. */
  readonly head: number;
  /** The access position of the same snapshot: rights that were judged at another one do not count. */
  readonly access: number;
  /** Id of the event at `after`; undefined where the log does not reach that far, or `after` is 0. */
  readonly fingerprint: Uuid | undefined;
  /** How far the log was looked through, and the id of the event there; undefined only at 0. */
  readonly position: number;
  readonly id: Uuid | undefined;
  /** How many events they are. */
  readonly count: number;
  /** `event` ops, their JSON built by PostgreSQL: a page forwards what it never parses. Texts of several, between commas. */
  readonly ops: readonly string[];
}

/** Events a text: taking 500 rows apart cost the server a third of a page's time; texts that are longer save no more. */
export const TOGETHER = 16;

/**
 * The first row tells of the workspace: its head, the event at `after`, its access position. Each of the others is a text of
 * events, and names the last of them.
 */
export interface PageRow {
  readonly position: number;
  readonly id: Uuid | null;
  readonly ops: string | null;
  /** How many they are. */
  readonly count: number;
  readonly access: number | null;
}

export const NOWHERE: PageRow = { position: 0, id: null, ops: null, count: 0, access: 0 };

/** SQL: the id of the event at a position, by the key alone, which is what the order asks for. */
export const eventAt = (position: string): string =>
  `(select event_id from event where workspace_id = $1 and position = ${position} order by position limit 1)`;

/** SQL: the texts of the rows of `events`, which are numbered from 0 in order by `number`. */
export const textsOf = (events: string, together: number): string => `
select position, id, ops, count from (
  select max(position) as position, (array_agg(event_id order by position desc))[1] as id,
         string_agg(${EVENT_OP}, ',' order by position) as ops, count(*) as count
    from (${events}) e group by number / ${together} order by 1) texts`;

/** A page while it is being filled. */
export interface Filling {
  position: number;
  id: Uuid | undefined;
  /** Bytes that are left. */
  room: number;
  count: number;
  readonly ops: string[];
}

export const emptyPage = ({ after, bytes }: Since): Filling => ({
  position: after,
  id: undefined,
  room: bytes,
  count: 0,
  ops: [],
});

/** Whether all of the texts fitted; those behind the first that does not are left out. */
export const fill = (page: Filling, texts: readonly PageRow[], { needed }: { readonly needed: boolean }): boolean => {
  for (const { position, id, ops, count } of texts) {
    const commas = count - 1;
    const size = Buffer.byteLength(ops ?? '') - commas;
    if (size > page.room && !(needed && page.ops.length === 0)) return false;
    page.ops.push(ops ?? '');
    page.room -= size;
    page.count += count;
    page.position = position;
    page.id = id ?? undefined;
  }
  return true;
};

export const pageOf = ({ position: head, access, id }: PageRow, page: Filling): EventsPage => ({
  head,
  access: access ?? 0,
  fingerprint: id ?? undefined,
  position: page.position,
  id: page.id ?? id ?? undefined,
  count: page.count,
  ops: page.ops,
});
