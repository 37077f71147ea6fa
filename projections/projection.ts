import type { Json } from '../src/shared/base/json.ts';
import type { StoredEvent } from '../src/shared/contract/envelope.ts';
import type { EventType } from '../src/shared/contract/events/registry.ts';
import type { StreamType } from '../src/shared/contract/streams.ts';

/** What a fold may know of an event. `data` of older schema versions is upcast already. */
export type FoldedEvent = Pick<
  StoredEvent,
  'position' | 'stream' | 'version' | 'type' | 'actor' | 'clock' | 'recordedAt' | 'superseded' | 'data'
>;

/** A row as PostgreSQL takes it: dates and times as ISO text, `json` columns as a JSON value. */
export type Row = Readonly<Record<string, unknown>>;

export interface Column {
  /** The PostgreSQL type and constraints: `text not null`. */
  readonly type: string;
  /** One sentence for analysts; becomes the comment of the column in the `crm` view. */
  readonly comment: string;
  /** Not part of the `crm` view. */
  readonly internal?: true;
  /** About the person of a lead, contact or activity: analysts see null unless it was granted to them. */
  readonly personal?: true;
}

export interface Table {
  /** Without version: `deal_stage_visit`. The physical table is `read_model.deal_stage_visit_v1`. */
  readonly name: string;
  /** One sentence for analysts. */
  readonly comment: string;
  /** In order. workspace_id comes by itself, in front of all. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Without workspace_id, which leads every key. The first column holds the stream's id. */
  readonly primaryKey: readonly [string, ...string[]];
  /** Column lists, each led by workspace_id by itself; an entry may end in a `where`. */
  readonly indexes: readonly string[];
  /** A condition for the rows that the `crm` view shows (deleted records, for one, are not shown). */
  readonly shown?: string;
}

/** The rows of one stream, by table name; two rows of a table never share a primary key. */
export type StreamRows = Readonly<Record<string, readonly Row[]>>;

/**
 * What a fold keeps of a stream: plain JSON, so that it can be stored and read back unchanged. Keys that are not stored
 * live from one store to the next.
 */
export type StreamState = Readonly<Record<string, Json | undefined>>;

/**
 * Thrown by a fold that cannot take in an event with what is stored alone, a change that comes late for one. The stream is
 * then folded from its first event on, which must not need it.
 */
export class NeedsPast extends Error {}

/**
 * A read model, or several that are told from the same streams. Every row belongs to one stream, and the rows of a stream
 * are a pure function of its events: a parked stream, a lost row or a new version is mended by folding the stream again.
 */
export interface Projection<State extends StreamState = StreamState> {
  readonly name: string;
  /** Raise it with every change to tables, fold or rows. */
  readonly version: number;
  /** The first table has exactly one row a stream; its columns named in `state` keep the fold's state. */
  readonly tables: readonly [Table, ...Table[]];
  /** The keys of State, each a column of the first table; what is not `json` or `bigint` there is text in the state. */
  readonly state: readonly (keyof State & string)[];
  /** The type of the streams that it is told from; other types may have some of its events, too. */
  readonly stream: StreamType;
  readonly handles: readonly EventType[];
  /** Pure; the events of a stream come in the order of their positions. `undefined` before the first. */
  readonly fold: (state: State | undefined, event: FoldedEvent) => State;
  /** Pure; the stream's row in the first table, the columns of the state included. */
  readonly row: (state: State) => Row;
  /**
   * Pure; what the other tables hold for a stream in this state. Rows that no later event changes, short of one that needs
   * the past, may be left out once they are stored.
   */
  readonly rows?: (state: State) => StreamRows;
}

/** A projection whose kind of state only its own file knows. */
export const projection = <State extends StreamState>(definition: Projection<State>): Projection =>
  definition as unknown as Projection;
