import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';
import { loadCopy } from './copy.ts';
import { type Engine, openEngine } from './engine.ts';
import { keepCopy, type KeptCopy } from './kept-copy.ts';
import { readMark } from './mark.ts';

/**
 * Read models once more, by columns and in memory: a question over all deals reads a few columns of every row, and
 * PostgreSQL has to take every row apart for it. 450,000 stays take it 100 ms to read alone, and DuckDB 10.
 */
export interface Columns {
  /**
   * Runs statements on a copy of the read models that has everything that is committed by now. Undefined where there is
   * none: for small workspaces, which need none, and until it is made.
   */
  readonly for: (workspaceId: Uuid) => Promise<Statements | undefined>;
  /** When the copy that `for` has begun to make is there, or could not be made. */
  readonly loaded: (workspaceId: Uuid) => Promise<void>;
  readonly counts: () => ColumnCounts;
  readonly close: () => Promise<void>;
}

export interface ColumnCounts {
  readonly copies: number;
  /** Statements answered by columns, and those that PostgreSQL had to answer after all. */
  readonly answered: number;
  readonly failed: number;
}

export interface ColumnsLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface ColumnsParts {
  readonly pool: WorkspacePool;
  /** Connections out of pipeline mode, for COPY. */
  readonly copying: WorkspacePool;
  /** For all workspaces together; 0: no copies. */
  readonly memoryMb: number;
  readonly log: ColumnsLog;
  /** Workspaces with fewer events are asked in PostgreSQL, which takes no longer for them. */
  readonly fromEvents?: number;
  /** For tests: a statement that DuckDB refuses fails. */
  readonly strict?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const FROM_EVENTS = 20_000;
const THREADS_MAX = 4;
/** A copy that nobody asked for so long is dropped. */
const IDLE_MS = 15 * 60_000;
const SWEEP_MS = 60_000;
/** One that could not be made is not tried again before. */
const RETRY_MS = 10 * 60_000;

interface Opened {
  readonly engine: Engine;
  readonly folder: string;
}

const open = async (memoryMb: number): Promise<Opened> => ({
  engine: await openEngine({ memoryMb, threads: Math.min(THREADS_MAX, availableParallelism()) }),
  folder: await mkdtemp(join(tmpdir(), 'leadzen-columns-')),
});

export const createColumns = (parts: ColumnsParts): Columns => {
  const { pool, copying, memoryMb, log, fromEvents = FROM_EVENTS, strict = false, now = Date.now } = parts;
  const copies = new Map<Uuid, KeptCopy>();
  const loading = new Map<Uuid, Promise<void>>();
  const retryAt = new Map<Uuid, number>();
  let opened: Promise<Opened> | undefined;
  let serial = 0;
  let answered = 0;
  let failed = 0;
  let closed = false;

  const drop = async (workspaceId: Uuid, copy: KeptCopy): Promise<void> => {
    if (copies.get(workspaceId) !== copy) return;
    copies.delete(workspaceId);
    await copy.drop();
  };

  const dropIdleSince = async (time: number): Promise<void> => {
    const idle = [...copies].filter(([, copy]) => copy.isIdleSince(time));
    await Promise.all(idle.map(([workspaceId, copy]) => drop(workspaceId, copy)));
  };
  const sweep = setInterval(() => void dropIdleSince(now() - IDLE_MS).catch(() => {}), SWEEP_MS).unref();

  const make = async (workspaceId: Uuid): Promise<void> => {
    const { engine, folder } = await (opened ??= open(memoryMb));
    const name = `copy_${(serial += 1)}`;
    const from = now();
    const copy = { workspaceId, connections: copying.for(workspaceId), session: await engine.connect(), folder };
    try {
      const mark = await loadCopy(copy, name);
      copies.set(workspaceId, keepCopy({ engine, name, copy, mark, statements: pool.for(workspaceId), now }));
      log.info({ workspaceId, events: mark.head, ms: now() - from }, 'read models were copied by columns');
    } catch (error) {
      await copy.session.run('use memory').catch(() => {});
      await copy.session.run(`detach database if exists ${name}`).catch(() => {});
      copy.session.close();
      throw error;
    }
  };

  const makeRoomAndMake = async (workspaceId: Uuid, error: unknown): Promise<void> => {
    if (copies.size === 0 || closed) throw error;
    await dropIdleSince(now());
    await make(workspaceId);
  };

  const load = (workspaceId: Uuid): Promise<void> =>
    make(workspaceId)
      .catch((error: unknown) => makeRoomAndMake(workspaceId, error))
      .catch((error: unknown) => {
        retryAt.set(workspaceId, now() + RETRY_MS);
        if (!closed)
          log.warn({ err: error, workspaceId }, 'read models were not copied by columns; PostgreSQL answers');
      })
      .finally(() => loading.delete(workspaceId));

  const beginLoading = (workspaceId: Uuid): void => {
    if (loading.has(workspaceId) || now() < (retryAt.get(workspaceId) ?? 0)) return;
    loading.set(workspaceId, load(workspaceId));
  };

  const follows = (workspaceId: Uuid, copy: KeptCopy): Promise<boolean> =>
    copy.follow().catch((error: unknown) => {
      log.warn({ err: error, workspaceId }, 'a copy by columns could not follow and is made anew');
      return false;
    });

  const statementsOf = (workspaceId: Uuid, copy: KeptCopy): Statements => ({
    query: async (statement, values = []) => {
      if (typeof statement !== 'string') throw new Error('columns know no prepared statements');
      try {
        const rows = await copy.ask<never>(statement, values);
        answered += 1;
        return { rows, rowCount: rows.length, command: 'SELECT', oid: 0, fields: [] };
      } catch (error) {
        failed += 1;
        if (strict) throw error;
        log.warn({ err: error, workspaceId }, 'columns could not answer; PostgreSQL does');
        return pool.for(workspaceId).query(statement, values);
      }
    },
  });

  return {
    for: async (workspaceId) => {
      if (memoryMb === 0 || closed) return undefined;
      const copy = copies.get(workspaceId);
      if (copy !== undefined && (await follows(workspaceId, copy))) return statementsOf(workspaceId, copy);
      // Its last questions may still run; nobody waits for them.
      if (copy !== undefined) void drop(workspaceId, copy).catch(() => {});
      const { head } = await readMark(pool.for(workspaceId), workspaceId);
      if (head >= fromEvents) beginLoading(workspaceId);
      return undefined;
    },
    loaded: async (workspaceId) => loading.get(workspaceId),
    counts: () => ({ copies: copies.size, answered, failed }),
    close: async () => {
      closed = true;
      clearInterval(sweep);
      await Promise.allSettled(loading.values());
      await Promise.allSettled([...copies].map(([workspaceId, copy]) => drop(workspaceId, copy)));
      if (opened === undefined) return;
      const { engine, folder } = await opened;
      engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
