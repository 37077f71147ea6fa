import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import type { Pool } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Projection, Row, Table } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { StreamImage } from './fold-events.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { isRefusal } from './refusal.ts';
import { columnsOf, SHADOW, tableName, typeOf } from './tables.ts';

/** Bytes of a table's rows that leave together. */
const FULL_BYTES = 512 * 1024;
/** Room for what the last row brings on top. */
const CHUNK_BYTES = FULL_BYTES + 128 * 1024;
/** Chunks in flight over all projections: with more, memory grows and nothing gets faster. */
const IN_FLIGHT = 2;

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (text: string): string =>
  special.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] as string) : text;

const NULL = '\\N';

/** A value in PostgreSQL's COPY text format, by the type of its column; only text and JSON hold what needs an escape. */
const encoderOf = (type: string): ((value: unknown) => string) => {
  if (type === 'json') return (value) => escaped(JSON.stringify(value));
  if (type === 'text') return (value) => escaped(value as string);
  if (type === 'uuid[]') return (value) => `{${(value as readonly string[]).join(',')}}`;
  return (value) => value as string;
};

/**
 * Takes rows of one table and lets them out in chunks. They are encoded at once: kept as text, a chunk would be a hundred
 * thousand small strings, and collecting those took a third of a rebuild's time.
 */
const tableChunk = (table: Table) => {
  const columns = columnsOf(table)
    .slice(1)
    .map(([name, column]) => ({ name, encode: encoderOf(typeOf(column)) }));
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let size = 0;
  const room = (bytes: number): void => {
    if (size + bytes <= chunk.length) return;
    const larger = Buffer.allocUnsafe(Math.max(chunk.length * 2, size + bytes));
    chunk.copy(larger, 0, 0, size);
    chunk = larger;
  };
  return {
    add: (workspaceId: Uuid, row: Row): void => {
      let line = workspaceId;
      for (const { name, encode } of columns) {
        const value = row[name];
        line += value === null || value === undefined ? `\t${NULL}` : `\t${encode(value)}`;
      }
      // No character takes more than three bytes of UTF-8 per UTF-16 unit.
      room(line.length * 3 + 1);
      size += chunk.write(`${line}\n`, size);
    },
    size: (): number => size,
    take: (): Buffer => {
      const taken = chunk.subarray(0, size);
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      size = 0;
      return taken;
    },
  };
};

/** Names the stream whose row was refused: PostgreSQL says which line it was. */
const refused = (table: string, rows: Buffer, error: pg.DatabaseError): RebuildFailed => {
  const line = Number(/line (\d+)/.exec(error.where ?? '')?.[1] ?? 0);
  const [workspaceId = '?', streamId = '?'] = rows.toString().split('\n', line)[line - 1]?.split('\t') ?? [];
  const what = `${table} cannot hold a row of stream ${streamId} in workspace ${workspaceId}`;
  return new RebuildFailed(`${what}: ${error.message}`, { cause: error });
};

export interface Chunk {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: Buffer;
}

const copyChunk = async (pool: Pool, { name, columns, rows }: Chunk): Promise<void> => {
  const client = await pool.connect();
  let broken = true;
  try {
    const target = client.query(copyFrom(`copy ${name} (${columns.join(', ')}) from stdin`));
    await pipeline(Readable.from([rows]), target);
    broken = false;
  } catch (error) {
    throw isRefusal(error) ? refused(name, rows, error) : error;
  } finally {
    client.release(broken);
  }
};

/** Sends chunks of different tables side by side; those of one table keep their order, which its key is built from. */
export interface CopyLanes {
  /** Resolves when there is room for the chunk, rejects where an earlier one failed. */
  readonly send: (chunk: Chunk) => Promise<void>;
  /** When everything is stored. */
  readonly finish: () => Promise<void>;
}

export const openLanes = (pool: Pool): CopyLanes => {
  const inFlight = new Map<string, Promise<void>>();
  return {
    send: async (chunk) => {
      while (inFlight.size >= IN_FLIGHT || inFlight.has(chunk.name)) await Promise.race(inFlight.values());
      const copy = copyChunk(pool, chunk);
      inFlight.set(chunk.name, copy);
      // A failure stays, for whoever races or finishes next; here it only must not count as unheard.
      copy.then(
        () => inFlight.delete(chunk.name),
        () => undefined,
      );
    },
    finish: async () => {
      await Promise.all(inFlight.values());
    },
  };
};

export interface RowCopier {
  /** undefined while there is room, else resolves when there is again. Rejects with the first copy that failed. */
  readonly add: (workspaceId: Uuid, image: StreamImage) => Promise<void> | undefined;
  /** Sends what is left. */
  readonly flush: () => Promise<void>;
}

/** Writes the rows of whole streams into a projection's shadow tables, once, by COPY. */
export const copyRows = (lanes: CopyLanes, projection: Projection): RowCopier => {
  const [first] = projection.tables;
  const tables = projection.tables.map((table) => ({
    table,
    name: tableName(projection, table, SHADOW),
    columns: columnsOf(table).map(([name]) => name),
    chunk: tableChunk(table),
  }));
  const sendFrom = async (bytes: number): Promise<void> => {
    for (const { name, columns, chunk } of tables) {
      if (chunk.size() >= bytes) await lanes.send({ name, columns, rows: chunk.take() });
    }
  };
  return {
    add: (workspaceId, { row, rows }) => {
      let full = false;
      for (const { table, chunk } of tables) {
        if (table !== first) for (const detail of rows[table.name] ?? []) chunk.add(workspaceId, detail);
        else if (row !== undefined) chunk.add(workspaceId, row);
        full ||= chunk.size() >= FULL_BYTES;
      }
      return full ? sendFrom(FULL_BYTES) : undefined;
    },
    flush: () => sendFrom(1),
  };
};
