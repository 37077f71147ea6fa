import { Problem } from '../../shared/contract/problem.ts';

const WAITING_MAX = 200;

/** Runs `work` after all that came before it under the same key. @throws Problem overloaded */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** One at a time a key, in this process; keys that nobody uses are forgotten. */
export const createTurns = (): Turns => {
  const queues = new Map<string, { last: Promise<unknown>; size: number }>();
  return async (key, work) => {
    const queue = queues.get(key) ?? { last: Promise.resolve(), size: 0 };
    if (queue.size >= WAITING_MAX) throw new Problem('overloaded', 'Too many attempts at once. Try again in a second.');
    queues.set(key, queue);
    queue.size += 1;
    const turn = queue.last.then(work).finally(() => {
      queue.size -= 1;
      if (queue.size === 0) queues.delete(key);
    });
    queue.last = turn.catch(() => {});
    return turn;
  };
};
