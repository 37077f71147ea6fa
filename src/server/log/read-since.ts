import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** One `event` op, its JSON built by PostgreSQL: a page forwards what it never parses. */
export interface EventOp {
  readonly position: number;
  readonly id: Uuid;
  readonly op: string;
}

export interface EventsPage {
  /** Of the same snapshot as the events. */
  readonly head: number;
  /** The access position of the same snapshot: rights that were judged at another one do not count. */
  readonly access: number;
  /** Id of the event at `after`; undefined where the log does not reach that far, or `after` is 0. */
  readonly fingerprint: Uuid | undefined;
  readonly events: readonly EventOp[];
}

/** How the JSON of an event op is put together from the row; every column but `data` is safe text by its schema. */
export const EVENT_OP = `concat(
  '{"op":"event","position":', position, ',"version":', version,
  ',"stream":{"type":"', stream_type, '","id":"', stream_id, '"},"scope":"', scope_id, '","root":"', root_id,
  '","id":"', event_id, '","type":"', type, '","schemaVersion":', schema_version,
  ',"actor":"', actor_id, '","device":"', device_id, '","at":"', at, '","clock":"', coalesce(clock, at),
  '","recordedAt":"', to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  '","superseded":', coalesce(array_to_json(superseded)::text, '[]'), ',"data":', data, '}')`;

// Positions have no gaps, so a range of them is a page. `limit` would do the same only where the planner reads the index in
// order; without statistics it was seen to build the JSON of the whole log (260 ms of 95,000 events) and sort it.
const EVENTS_SINCE = `
select head as position, null as op, access_position as access,
       (select event_id from event where workspace_id = $1 and position = $2) as id
  from workspace where workspace_id = $1
union all
select position, op, null, event_id from (
  select position, event_id, ${EVENT_OP} as op
    from event where workspace_id = $1 and position > $2 and position <= $2 + $3 order by position) page`;

/** Rows a statement: the longest page of the largest events still fits well into memory. */
const ROWS_MAX = 1000;

interface Since {
  readonly after: number;
  readonly limit: number;
  /** UTF-8 bytes of all ops together, exceeded by none but a first one. */
  readonly bytes: number;
}

/** All events after a position, in order, as many as fit into `limit` and `bytes`, at least one: for who sees everything. */
export const readSince = async (
  statements: Statements,
  workspaceId: Uuid,
  { after, limit, bytes }: Since,
): Promise<EventsPage> => {
  const events: EventOp[] = [];
  let first: Omit<EventsPage, 'events'> | undefined;
  let room = bytes;
  for (let from = after; ; from = events.at(-1)?.position ?? from) {
    const rowLimit = Math.min(limit - events.length, ROWS_MAX);
    const { rows } = await statements.query<{ position: number; access: number; id: Uuid | null; op: string | null }>({
      text: EVENTS_SINCE,
      values: [workspaceId, from, rowLimit],
    });
    const head = rows.find(({ op }) => op === null);
    first ??= { head: head?.position ?? 0, access: head?.access ?? 0, fingerprint: head?.id ?? undefined };
    // Rights that change between two statements end the page: what follows is judged anew.
    if (head?.access !== first.access) return { ...first, events };
    let taken = 0;
    for (const { position, id, op } of rows) {
      // What was committed after the first statement belongs to the next page: an answer is one snapshot.
      if (op === null || position > first.head) continue;
      room -= Buffer.byteLength(op);
      if (room < 0 && events.length > 0) return { ...first, events };
      events.push({ position, id: id as Uuid, op });
      taken += 1;
    }
    if (taken < rowLimit || events.length >= limit) return { ...first, events };
  }
};
