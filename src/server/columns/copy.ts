import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import type { Uuid } from '../../shared/base/ids.ts';
import { inSnapshot } from '../database/snapshot.ts';
import type { Connection, Connections } from '../database/workspace-pool.ts';
import {
  type CopiedTable,
  copiedTables,
  copyIn,
  copyOut,
  createCopiedTable,
  forget,
  tablesOf,
} from './copied-tables.ts';
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

const move = async (
  client: Connection,
  { workspaceId, session, folder }: CopyParts,
  table: CopiedTable,
  ids?: readonly Uuid[],
): Promise<void> => {
  const path = join(folder, `${workspaceId}.csv`);
  try {
    await pipeline(client.query(copyTo(copyOut(table, workspaceId, ids))), createWriteStream(path, { mode: 0o600 }));
    await session.run(copyIn(table, path));
  } finally {
    await rm(path, { force: true });
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
      await move(client, parts, table);
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
  const types = new Set(rows.map(({ type }) => type));
  return {
    ids: [...new Set([...rows.map(({ id }) => id), ...parked])],
    tables: parked.length > 0 ? copiedTables : tablesOf(types),
  };
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
    await session.run('begin');
    try {
      for (const table of tables) {
        if (ids.length === 0 && table.stream !== undefined) continue;
        await session.run(forget(table, ids));
        await move(client, parts, table, ids);
      }
      await session.run('commit');
    } catch (error) {
      await session.run('rollback');
      throw error;
    }
    return now;
  });
