import { runChild } from './child.ts';
import type { Load, LoadResult } from './generator.ts';

export const OK_PUSH = { expects: '"status":"accepted"', refuses: '"rejected"' } as const;

/** Puts load on a server from a process of its own. @throws where an answer was not as expected: such a figure is none */
export const runLoad = async (load: Load): Promise<LoadResult> => {
  const result = await runChild<LoadResult>('./generator.ts', load);
  if (result.failures > 0)
    throw new Error(`${result.failures} answers were not as expected, the first: ${result.firstFailure}`);
  if (result.requests === 0) throw new Error('no request was answered in time');
  return result;
};

/** Requests, over several turns. */
export const perSecond = (loads: readonly LoadResult[]): number =>
  loads.reduce((sum, { requests }) => sum + requests, 0) / loads.reduce((sum, { seconds }) => sum + seconds, 0);

/** Figure and yardstick take turns: the machine's speed moves by half within a minute. */
export const TURNS = 3;

/** What one should know of loads besides their speed. */
export const notesOf = (loads: readonly LoadResult[]): readonly string[] => {
  const worst = loads.toSorted((a, b) => b.p99Ms - a.p99Ms)[0] as LoadResult;
  return [
    `in ${loads.length} turns; of the slowest p50 ${worst.p50Ms.toFixed(1)} ms, p99 ${worst.p99Ms.toFixed(1)} ms`,
    ...(loads.some(({ ranOut }) => ranOut) ? ['requests ran out'] : []),
  ];
};
