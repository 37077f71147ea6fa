import { setTimeout as delay } from 'node:timers/promises';
import type { Uuid } from '../../shared/base/ids.ts';

export interface WorkspaceQueue {
  /** There is something to do for this workspace: now, or again when what is under way has ended. */
  readonly notice: (workspaceId: Uuid) => void;
  /** When nothing is waiting or under way. */
  readonly settled: () => Promise<void>;
}

interface Options {
  readonly work: (workspaceId: Uuid) => Promise<void>;
  readonly onError: (workspaceId: Uuid, error: unknown) => void;
  /** Nothing is begun any more. */
  readonly stopping: AbortSignal;
}

/** Workspaces at a time; the batches of one follow each other anyway. */
const CONCURRENCY = 2;
/** A workspace that failed rests this long, however often it is noticed. */
const REST_MS = 500;

export const createWorkspaceQueue = ({ work, onError, stopping }: Options): WorkspaceQueue => {
  const waiting = new Set<Uuid>();
  const running = new Map<Uuid, Promise<void>>();

  const runOne = async (workspaceId: Uuid): Promise<void> => {
    try {
      await work(workspaceId);
    } catch (error) {
      onError(workspaceId, error);
      await delay(REST_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
    running.delete(workspaceId);
    startWaiting();
  };
  const startWaiting = (): void => {
    for (const workspaceId of waiting) {
      if (running.size >= CONCURRENCY || stopping.aborted) return;
      if (running.has(workspaceId)) continue;
      waiting.delete(workspaceId);
      running.set(workspaceId, runOne(workspaceId));
    }
  };

  return {
    notice: (workspaceId) => {
      waiting.add(workspaceId);
      startWaiting();
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
};
