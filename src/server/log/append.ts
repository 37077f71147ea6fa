import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { GroupConflict, RejectedResult } from '../../shared/contract/sync.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** Field names are as short as they are because each travels once an event: see `append_events` in migrations/0001. */
export interface EventRow {
  /** 1 … n: the position is the head before the append plus this. */
  readonly o: number;
  readonly id: Uuid;
  readonly st: string;
  readonly si: Uuid;
  readonly v: number;
  readonly ty: string;
  readonly sv: number;
  readonly d: JsonObject;
  readonly ac: Uuid;
  readonly de: Uuid;
  readonly a: string;
  /** The effective clock where it differs from `a`. */
  readonly c?: string | undefined;
  readonly sc: Uuid;
  readonly ro: Uuid;
  readonly su?: readonly string[] | undefined;
  /** `\x` and hexadecimal digits, PostgreSQL's text form of bytea. */
  readonly h: string;
  readonly sa: string;
}

export interface StreamRow {
  readonly o: number;
  readonly id: Uuid;
  readonly ty: string;
  readonly v: number;
  readonly ro: Uuid;
  readonly sc: Uuid | null;
  readonly cr: string;
  readonly s: JsonObject;
  readonly c: RegisterClocks;
}

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
      JSON.stringify(append.events),
      JSON.stringify(append.streams),
      jsonOrNull(append.outcomes),
      jsonOrNull(append.scopes),
      jsonOrNull(append.rescopes),
      append.accessOrdinal,
    ],
  });
  return JSON.parse(rows[0]?.reply ?? 'null') as Appended | Outdated;
};

export const isAppended = (reply: Appended | Outdated): reply is Appended => 'before' in reply;
