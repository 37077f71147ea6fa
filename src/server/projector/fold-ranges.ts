import { availableParallelism } from 'node:os';
import type { Pool } from 'pg';
import { Worker } from 'node:worker_threads';
import { RebuildFailed } from './rebuild-failed.ts';
import { type Folding, foldRange } from './fold-range.ts';
import type { FoldAnswer, FoldThreadData } from './fold-thread.ts';
import type { StreamRange } from './stream-ranges.ts';

export interface FoldRangesOptions {
  /** That fold beside this one. They know the projections of the registry alone. */
  readonly threads: number;
  /** Before each range; where it throws, no further one is begun. */
  readonly beforeRange?: () => Promise<void>;
  /** The next so many events are folded. */
  readonly onFolded: (events: number) => void;
}

/**
 * One a core, this one included, PostgreSQL having as much to do: with a second on two cores, 1,000,000 events took 18 s
 * instead of 26. Each takes up to 100 MB.
 */
export const THREADS = Math.min(4, availableParallelism()) - 1;

/** Folds one range after the other, as long as there are any. */
type Folder = (range: StreamRange) => Promise<number>;

/** Megabytes, far from what is used: a thread that reached its limit on a starved machine took the whole process with it. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 48 };

/** Of a pool made by `openDatabase`. */
const urlOf = (pool: Pool): string => pool.options.connectionString as string;

const startThread = (folding: Folding): { readonly fold: Folder; readonly stop: () => Promise<unknown> } => {
  const { pool, projections, heads, suffix } = folding;
  const names = projections.map(({ name }) => name);
  const workerData: FoldThreadData = { url: urlOf(pool), names, heads, suffix };
  const worker = new Worker(new URL('./fold-thread.ts', import.meta.url), { workerData, resourceLimits: HEAP });
  const fold: Folder = (range) =>
    new Promise((resolve, reject) => {
      const onExit = (code: number): void => reject(new Error(`a thread of the rebuild ended with ${code}`));
      const onAnswer = (answer: FoldAnswer): void => {
        worker.off('exit', onExit).off('error', reject);
        if (answer.kind === 'folded') resolve(answer.events);
        else reject(answer.kind === 'refused' ? new RebuildFailed(answer.message) : new Error(answer.message));
      };
      worker.once('exit', onExit).once('error', reject).once('message', onAnswer);
      worker.postMessage(range);
    });
  return { fold, stop: () => worker.terminate() };
};

/**
 * Folds all ranges, this thread and others side by side. The first failure ends it, after the ranges in flight.
 *
 * @throws RebuildFailed naming what cannot be folded or stored
 */
export const foldRanges = async (
  folding: Folding,
  ranges: readonly StreamRange[],
  { threads, beforeRange, onFolded }: FoldRangesOptions,
): Promise<void> => {
  const waiting = [...ranges];
  const helpers = Array.from({ length: Math.min(threads, ranges.length - 1) }, () => startThread(folding));
  const work = async (fold: Folder): Promise<void> => {
    try {
      for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
        await beforeRange?.();
        onFolded(await fold(range));
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  };
  const own: Folder = (range) => foldRange(folding, range);
  const results = await Promise.allSettled([own, ...helpers.map(({ fold }) => fold)].map(work));
  await Promise.all(helpers.map(({ stop }) => stop()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};
