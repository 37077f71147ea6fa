import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { inTransaction } from './transaction.ts';

const WAITING_MAX = 50;
const LOCK_WAIT = '5s';
/** Apart from other advisory locks of two numbers. */
const PEOPLE_LOCK = 20_261;

/** Runs `work` while nobody else, on any server, does so for the same workspace. @throws Problem overloaded */
export type Exclusively = <T>(workspaceId: Uuid, work: () => Promise<T>) => Promise<T>;

/**
 * For decisions over several users, such as who is the last admin, which no single stream can judge. The holder of the
 * lock needs a second connection to write, so a server lets one in at a time: many holders could take the whole pool
 * and wait for each other.
 */
export const createExclusively = (pool: WorkspacePool): Exclusively => {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const locked = <T>(workspaceId: Uuid, work: () => Promise<T>): Promise<T> =>
    inTransaction(pool.for(workspaceId), async (client) => {
      await client.query(`set local lock_timeout = '${LOCK_WAIT}'`);
      await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [PEOPLE_LOCK, workspaceId]);
      return work();
    });
  return async (workspaceId, work) => {
    if (waiting >= WAITING_MAX) throw new Problem('overloaded', 'Too many people are being changed. Try again soon.');
    waiting += 1;
    const turn = last.then(() => locked(workspaceId, work)).finally(() => (waiting -= 1));
    last = turn.catch(() => {});
    return turn;
  };
};
