import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import pg from 'pg';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Projection, Row, Table } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { beginRows, endRows, keyOfRow, restartRows, rowWriter } from './binary-rows.ts';
import type { Growing } from '../database/binary/bytes.ts';
import { ValueRefused } from '../database/binary/value.ts';
import type { StreamImage } from './fold-events.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { isRefusal } from './refusal.ts';
import { columnsOf, type Suffix, tableName } from './tables.ts';

/**
 * Bytes of a table's rows that leave together. COPY makes a slot for each of its first thousand rows anew, which cost an
 * eighth of PostgreSQL's part at half the size.
 */
const FULL_BYTES = 1024 * 1024;
/** Room for what the last row brings on top. */
const CHUNK_BYTES = FULL_BYTES + 128 * 1024;
const SPARES_MAX = 8;

/** Takes rows of one table and lets them out in chunks; as bytes at once, as collecting a chunk of strings costs more. */
const tableChunk = (name: string, table: Table, blank: () => Growing) => {
  const write = rowWriter(table);
  const [, streamColumn = ''] = columnsOf(table).map(([column]) => column);
  let chunk: Growing | undefined;
  return {
    add: (workspaceId: Uuid, row: Row): void => {
      try {
        write((chunk ??= blank()), workspaceId, row);
      } catch (error) {
        throw error instanceof ValueRefused ? refused(name, [workspaceId, String(row[streamColumn])], error) : error;
      }
    },
    size: (): number => chunk?.size ?? 0,
    take: (): Growing | undefined => {
      const taken = chunk;
      chunk = undefined;
      return taken;
    },
  };
};

const refused = (table: string, [workspaceId, streamId]: readonly [Uuid, Uuid], error: Error): RebuildFailed => {
  const what = `${table} cannot hold a row of stream ${streamId} in workspace ${workspaceId}`;
  return new RebuildFailed(`${what}: ${error.message}`, { cause: error });
};

/** PostgreSQL says which line it was, and means the tuple. */
const ownerOfRefused = (rows: Buffer, error: pg.DatabaseError): readonly [Uuid, Uuid] =>
  keyOfRow(rows, Number(/line (\d+)/.exec(error.where ?? '')?.[1] ?? 0)) ?? ['?', '?'];

interface Chunk {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: Growing;
}

const copyChunk = async (client: PoolClient, { name, columns, rows: written }: Chunk): Promise<void> => {
  const rows = endRows(written);
  try {
    const target = client.query(copyFrom(`copy ${name} (${columns.join(', ')}) from stdin (format binary)`));
    await pipeline(Readable.from([rows]), target);
  } catch (error) {
    throw error instanceof pg.DatabaseError && isRefusal(error)
      ? refused(name, ownerOfRefused(rows, error), error)
      : error;
  }
};

/** One connection, on which one chunk after the other leaves. */
export interface CopyTurn {
  /** For the rows of a chunk; used again when it has arrived, or memory would fill up with them until it is swept. */
  readonly blank: () => Growing;
  /** Resolves when the chunk is on its way, rejects where an earlier one failed. */
  readonly send: (chunk: Chunk) => Promise<void>;
  /** When everything has arrived. */
  readonly finish: () => Promise<void>;
}

/** One chunk is folded while the last is stored. */
export const copyTurn = (client: PoolClient): CopyTurn => {
  const spare: Growing[] = [];
  let last: Promise<void> = Promise.resolve();
  const copy = async (chunk: Chunk): Promise<void> => {
    await copyChunk(client, chunk);
    if (spare.length < SPARES_MAX) spare.push(restartRows(chunk.rows));
  };
  return {
    blank: () => spare.pop() ?? beginRows(CHUNK_BYTES),
    send: async (chunk) => {
      await last;
      last = copy(chunk);
      // Whoever sends or finishes next hears of a failure; until then it must not count as unheard.
      last.catch(() => undefined);
    },
    finish: () => last,
  };
};

export interface RowCopier {
  /** undefined while there is room, else resolves when there is again. Rejects with the first copy that failed. */
  readonly add: (workspaceId: Uuid, image: StreamImage) => Promise<void> | undefined;
  /** Sends what is left. */
  readonly flush: () => Promise<void>;
}

/** Writes the rows of whole streams into a projection's tables of that suffix, once, by COPY. */
export const copyRows = (turn: CopyTurn, projection: Projection, suffix: Suffix): RowCopier => {
  const [first] = projection.tables;
  const tables = projection.tables.map((table) => {
    const name = tableName(projection, table, suffix);
    return {
      table,
      name,
      columns: columnsOf(table).map(([column]) => column),
      chunk: tableChunk(name, table, turn.blank),
    };
  });
  const sendFrom = async (bytes: number): Promise<void> => {
    for (const { name, columns, chunk } of tables) {
      const rows = chunk.size() >= bytes ? chunk.take() : undefined;
      if (rows !== undefined) await turn.send({ name, columns, rows });
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
