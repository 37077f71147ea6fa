import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import type { Uuid } from '../../shared/base/ids.ts';
import { inSnapshot } from '../database/snapshot.ts';
import type { Connection, Connections } from '../database/workspace-pool.ts';
import { type CopiedTable, copiedTables, copyIn, copyOut, createCopiedTable, forget } from './copied-tables.ts';
import { createDatabase, type Session } from './engine.ts';
import { type Mark, readMark } from './mark.ts';

/** Streams that one refresh reads again; past it, all rows are read anew. */
export const CHANGED_MAX = 20_000;

export interface CopyParts {
  readonly workspaceId: Uuid;
  /** The workspace's connections; COPY needs them out of pipeline mode. */
  readonly connections: Connections;
  /** Writes; nobody asks questions in it. */
  readonly session: Session;
  /** A folder for the rows on their way, which nobody else may enter. */
  readonly folder: string;
}

/** PostgreSQL writes the rows while DuckDB does something else; they are read in one go. */
const copyRows = async (
  client: Connection,
  { workspaceId, session, folder }: CopyParts,
  {
    tables,
    ids,
    meanwhile,
  }: { tables: readonly CopiedTable[]; ids?: readonly Uuid[]; meanwhile?: () => Promise<void> },
): Promise<void> => {
  const files = tables.map((table, index) => ({ table, path: join(folder, `${workspaceId}-${index}.csv`) }));
  const write = async (): Promise<void> => {
    for (const { table, path } of files) {
      const rows = client.query(copyTo(copyOut(table, workspaceId, ids)));
      await pipeline(rows, createWriteStream(path, { mode: 0o600 }));
    }
  };
  try {
    // Both have ended before either's failure is told: the connection and the session are free then.
    const outcomes = await Promise.allSettled([write(), meanwhile?.()]);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    for (const { table, path } of files) await session.run(copyIn(table, path));
  } finally {
    await Promise.all(files.map(({ path }) => rm(path, { force: true })));
  }
};

/** Makes the database `name` and fills it with the rows of one moment. */
export const loadCopy = async (parts: CopyParts, name: string): Promise<Mark> => {
  const { session, workspaceId, connections } = parts;
  await createDatabase(session, name);
  for (const table of copiedTables)
    for (const statement of createCopiedTable(table, workspaceId)) await session.run(statement);
  return inSnapshot(connections, async (client) => {
    const mark = await readMark(client, workspaceId);
    for (const table of copiedTables) {
      await copyRows(client, parts, { tables: [table] });
      // What was read is compressed before more comes.
      await session.run('checkpoint');
    }
    return mark;
  });
};

const CHANGED = `select distinct stream_type as type, stream_id as id from event
  where workspace_id = $1 and position > $2 limit $3`;

interface ChangedStream {
  readonly type: string;
  readonly id: Uuid;
}

/** Whoever was parked may have been mended since, without an event. */
const changedSince = async (client: Connection, workspaceId: Uuid, before: Mark, now: Mark) => {
  const { rows } = await client.query<ChangedStream>(CHANGED, [workspaceId, before.reached, CHANGED_MAX + 1]);
  const parked = [...before.parked, ...now.parked];
  const ids = [...new Set([...rows.map(({ id }) => id), ...parked])];
  const types = parked.length > 0 ? 'all' : new Set(rows.map(({ type }) => type));
  const tables = copiedTables.filter(({ stream }) => {
    if (stream === undefined) return before.whole !== now.whole;
    return ids.length > 0 && (types === 'all' || stream.types === 'any' || types.has(stream.types));
  });
  return { ids, tables };
};

/**
 * Reads again the rows of every stream that has changed since `before`, in one transaction: whoever asks meanwhile sees all
 * of it or nothing. Rows are a pure function of their stream's events, so that nothing else can have changed.
 *
 * @returns undefined where too much has changed, or tables were replaced: then nothing was done
 */
export const refreshCopy = (parts: CopyParts, before: Mark): Promise<Mark | undefined> =>
  inSnapshot(parts.connections, async (client) => {
    const { session, workspaceId } = parts;
    const now = await readMark(client, workspaceId);
    if (now.tables !== before.tables) return undefined;
    const { ids, tables } = await changedSince(client, workspaceId, before, now);
    if (ids.length > CHANGED_MAX) return undefined;
    const forgetAll = async (): Promise<void> => {
      for (const table of tables) await session.run(forget(table, ids));
    };
    await session.run('begin');
    try {
      await copyRows(client, parts, { tables, ids, meanwhile: forgetAll });
      await session.run('commit');
    } catch (error) {
      await session.run('rollback');
      throw error;
    }
    return now;
  });
