import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { GroupConflict, RejectedResult } from '../../shared/contract/sync.ts';
import { rowArrayWriter } from '../database/binary/row-array.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** An event as the append takes it, see `event_row` in migrations/0029. */
export interface EventRow {
  /** 1 … n: the position is the head before the append plus this. */
  readonly ordinal: number;
  readonly eventId: Uuid;
  readonly streamType: string;
  readonly streamId: Uuid;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: JsonObject;
  readonly actorId: Uuid;
  readonly deviceId: Uuid;
  readonly at: string;
  /** The effective clock where it differs from `at`. */
  readonly clock?: string | undefined;
  readonly scopeId: Uuid;
  readonly rootId: Uuid;
  readonly superseded?: readonly string[] | undefined;
  /** `\\x` and hexadecimal digits, PostgreSQL's text form of bytea. */
  readonly contentHash: string;
  readonly salt: string;
}

/** A stream as after its last event, see `stream_row`. */
export interface StreamRow {
  /** Of that event. */
  readonly ordinal: number;
  readonly streamId: Uuid;
  readonly streamType: string;
  readonly version: number;
  readonly rootId: Uuid;
  readonly scopeId: Uuid | null;
  readonly createdAt: string;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
}

// The field names of what follows are as short as they are because each travels once a row, as JSON.

export interface OutcomeRow {
  readonly id: Uuid;
  readonly h: string;
  readonly r: RejectedResult | GroupConflict;
}
export interface ScopeRow {
  readonly id: Uuid;
  readonly t: Uuid | null;
  readonly w: Uuid | null;
}
export interface RescopeRow {
  readonly o: number;
  readonly r: Uuid;
  readonly a: Uuid;
  readonly b: Uuid;
}

/** A group of decisions and the facts they rest on. */
export interface Append {
  readonly workspaceId: Uuid;
  readonly access: number;
  readonly ids: readonly Uuid[];
  /** Version of every stream that a decision read; 0 where it was absent. */
  readonly reads: ReadonlyMap<Uuid, number>;
  readonly events: readonly EventRow[];
  readonly streams: readonly StreamRow[];
  readonly outcomes: readonly OutcomeRow[];
  readonly scopes: readonly ScopeRow[];
  readonly rescopes: readonly RescopeRow[];
  readonly accessOrdinal: number;
}

/** Committed and flushed. */
export interface Appended {
  readonly before: number;
  readonly head: number;
  readonly recordedAt: string;
  readonly access: number;
}
/** Nothing was written: these ids are in the log already, these streams have other versions by now. */
export interface Outdated {
  readonly head: number;
  readonly access: number;
  readonly known: readonly Uuid[];
  readonly stale: readonly Uuid[];
}

type Columns<Row> = readonly (readonly [name: keyof Row & string, type: string])[];

/** In the order of the row types. */
const EVENT: Columns<EventRow> = [
  ['ordinal', 'integer'],
  ['eventId', 'uuid'],
  ['streamType', 'text'],
  ['streamId', 'uuid'],
  ['version', 'integer'],
  ['type', 'text'],
  ['schemaVersion', 'smallint'],
  ['data', 'json'],
  ['actorId', 'uuid'],
  ['deviceId', 'uuid'],
  ['at', 'text'],
  ['clock', 'text'],
  ['scopeId', 'uuid'],
  ['rootId', 'uuid'],
  ['superseded', 'text[]'],
  ['contentHash', 'bytea'],
  ['salt', 'bytea'],
];
const STREAM: Columns<StreamRow> = [
  ['ordinal', 'integer'],
  ['streamId', 'uuid'],
  ['streamType', 'text'],
  ['version', 'integer'],
  ['rootId', 'uuid'],
  ['scopeId', 'uuid'],
  ['createdAt', 'timestamptz'],
  ['state', 'json'],
  ['clocks', 'json'],
];
const eventArray = rowArrayWriter(EVENT);
const streamArray = rowArrayWriter(STREAM);

const APPEND = 'select append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as reply';
const jsonOrNull = (rows: readonly unknown[]): string | null => (rows.length === 0 ? null : JSON.stringify(rows));

/** One round trip, one transaction. Throws what PostgreSQL throws; then the outcome may be unknown (connection lost). */
export const appendEvents = async (pool: WorkspacePool, append: Append): Promise<Appended | Outdated> => {
  const { rows } = await pool.for(append.workspaceId).query<{ reply: string }>({
    name: 'append_events',
    text: APPEND,
    values: [
      append.workspaceId,
      append.access,
      append.ids,
      [...append.reads.keys()],
      [...append.reads.values()],
      eventArray(append.events),
      streamArray(append.streams),
      jsonOrNull(append.outcomes),
      jsonOrNull(append.scopes),
      jsonOrNull(append.rescopes),
      append.accessOrdinal,
    ],
  });
  return JSON.parse(rows[0]?.reply ?? 'null') as Appended | Outdated;
};

export const isAppended = (reply: Appended | Outdated): reply is Appended => 'before' in reply;
