import { rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { loadCopy } from './copy.ts';
import { dropDatabase, type Engine, openEngine } from './engine.ts';
import { keepCopy, type KeptCopy } from './kept-copy.ts';
import { makeTransitFolder } from './transit-folder.ts';

/** The copies of this process: made in the background, dropped when nobody asks them. */
export interface Copies {
  readonly of: (workspaceId: Uuid) => KeptCopy | undefined;
  /** Begins to make one, unless that is under way, was done or failed a short while ago. */
  readonly make: (workspaceId: Uuid) => void;
  /** When the one under way is there, or could not be made. */
  readonly made: (workspaceId: Uuid) => Promise<void>;
  readonly drop: (workspaceId: Uuid, copy: KeptCopy) => Promise<void>;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

export interface CopiesLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface CopiesParts {
  readonly pool: WorkspacePool;
  /** Connections out of pipeline mode, for COPY. */
  readonly copying: WorkspacePool;
  /** For all copies together. */
  readonly memoryMb: number;
  readonly log: CopiesLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const THREADS_MAX = 4;
/** A copy that nobody asked for so long is dropped. */
const IDLE_MS = 15 * 60_000;
const SWEEP_MS = 60_000;
/** One that could not be made is not tried again before. */
const RETRY_MS = 10 * 60_000;
/** Nor is one made again sooner: a copy that falls behind faster than it is made would cost a processor and help nobody. */
const AGAIN_MS = 3 * 60_000;

interface Opened {
  readonly engine: Engine;
  /** For rows on their way. */
  readonly folder: string;
}

const open = async (memoryMb: number): Promise<Opened> => {
  const folder = await makeTransitFolder(tmpdir());
  const threads = Math.min(THREADS_MAX, availableParallelism());
  return { folder, engine: await openEngine({ memoryMb, threads, folder }) };
};

const close = async ({ engine, folder }: Opened): Promise<void> => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
};

export const createCopies = ({ pool, copying, memoryMb, log, now }: CopiesParts): Copies => {
  const copies = new Map<Uuid, KeptCopy>();
  const making = new Map<Uuid, Promise<void>>();
  const notBefore = new Map<Uuid, number>();
  let opened: Promise<Opened> | undefined;
  let serial = 0;
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

  const load = async (workspaceId: Uuid): Promise<void> => {
    const { engine, folder } = await (opened ??= open(memoryMb));
    const name = `copy_${(serial += 1)}`;
    const from = now();
    const copy = { workspaceId, connections: copying.for(workspaceId), session: await engine.connect(), folder };
    const mark = await loadCopy(copy, name).catch(async (error: unknown) => {
      await dropDatabase(copy.session, name);
      throw error;
    });
    copies.set(workspaceId, keepCopy({ engine, name, copy, mark, statements: pool.for(workspaceId), now }));
    notBefore.set(workspaceId, now() + AGAIN_MS);
    log.info({ workspaceId, events: mark.head, ms: now() - from }, 'read models were copied by columns');
  };

  /** Where there is no room, copies that nobody is asking make some. */
  const loadWithRoom = (workspaceId: Uuid): Promise<void> =>
    load(workspaceId).catch(async (error: unknown) => {
      if (copies.size === 0 || closed) throw error;
      await dropIdleSince(now());
      await load(workspaceId);
    });

  const make = async (workspaceId: Uuid): Promise<void> => {
    try {
      await loadWithRoom(workspaceId);
    } catch (error) {
      notBefore.set(workspaceId, now() + RETRY_MS);
      if (!closed) log.warn({ err: error, workspaceId }, 'read models were not copied by columns; PostgreSQL answers');
    } finally {
      making.delete(workspaceId);
    }
  };

  return {
    of: (workspaceId) => copies.get(workspaceId),
    make: (workspaceId) => {
      if (closed || making.has(workspaceId) || now() < (notBefore.get(workspaceId) ?? 0)) return;
      making.set(workspaceId, make(workspaceId));
    },
    made: async (workspaceId) => making.get(workspaceId),
    drop,
    count: () => copies.size,
    close: async () => {
      closed = true;
      clearInterval(sweep);
      await Promise.allSettled(making.values());
      await Promise.allSettled([...copies].map(([workspaceId, copy]) => drop(workspaceId, copy)));
      if (opened !== undefined) await close(await opened);
    },
  };
};
