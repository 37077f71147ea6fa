import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Wake } from '../log/wake.ts';
import type { ProjectorLog } from './run.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

export interface ProjectorThreadParts extends ThreadData {
  readonly wake: Pick<Wake, 'subscribe'>;
  readonly log: ProjectorLog;
}

export interface ProjectorThread {
  /** Ends after the batches in flight. */
  readonly stop: () => Promise<void>;
}

const RESTART_MS = 1000;
/** Batches in flight end long before; a thread that hangs is ended anyway, for its leases expire by themselves. */
const STOP_MS = 15_000;

/**
 * Runs the projector in a thread of its own. Folding took a fifth of the main thread's time under load, which pushes
 * waited for. A thread that dies is started anew; the checkpoints know where it was. Resolves when it is ready.
 */
export const startProjectorThread = async (parts: ProjectorThreadParts): Promise<ProjectorThread> => {
  const { wake, log } = parts;
  const stopping = new AbortController();
  let worker = await startWorker(parts);

  const keep = async (): Promise<void> => {
    for (;;) {
      const code = await exitOf(worker);
      if (stopping.signal.aborted) return;
      log.error({ code }, 'the projector ended unexpectedly; it is started again');
      await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      worker = await startWorker(parts).catch(() => worker);
      if (stopping.signal.aborted) await worker.terminate();
    }
  };
  const kept = keep();
  const unsubscribe = wake.subscribe((workspaceId, position) => {
    worker.postMessage({ kind: 'moved', workspaceId, position } satisfies ToThread);
  });

  return {
    stop: async () => {
      unsubscribe();
      stopping.abort();
      worker.postMessage({ kind: 'stop' } satisfies ToThread);
      const late = setTimeout(() => void worker.terminate(), STOP_MS);
      await kept;
      clearTimeout(late);
    },
  };
};

/** The exit code; at once where the thread is gone already. */
const exitOf = (worker: Worker): Promise<number> =>
  worker.threadId === -1 ? Promise.resolve(1) : new Promise((resolve) => worker.once('exit', resolve));

const startWorker = async ({ url, isEmbedded, log }: ProjectorThreadParts): Promise<Worker> => {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { url, isEmbedded } satisfies ThreadData,
  });
  worker.on('error', (error) => log.error({ err: error }, 'a bug in the projector'));
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') resolve();
      if (message.kind === 'log') log[message.level](message.details, message.message);
    });
    worker.once('exit', (code) => reject(new Error(`the projector's thread ended with ${code} before it was ready`)));
  });
  await ready;
  return worker;
};
