import type { Uuid } from '../../shared/base/ids.ts';
import type { PushResult } from '../../shared/contract/sync.ts';

/** Users that are remembered; beyond, the one who wrote longest ago is forgotten, and waits for nothing. */
const USERS_MAX = 10_000;

/** The newest position that each user wrote through this server, so that what they read next can include it. */
export interface OwnWrites {
  readonly note: (userId: Uuid, results: readonly PushResult[]) => void;
  /** 0 where the user wrote nothing here. */
  readonly newestOf: (userId: Uuid) => number;
}

export const createOwnWrites = (): OwnWrites => {
  const newest = new Map<Uuid, number>();
  return {
    note: (userId, results) => {
      let position = newest.get(userId) ?? 0;
      for (const result of results) if ('position' in result && result.position > position) position = result.position;
      if (position === 0) return;
      newest.delete(userId);
      newest.set(userId, position);
      const [oldest] = newest.keys();
      if (newest.size > USERS_MAX && oldest !== undefined) newest.delete(oldest);
    },
    newestOf: (userId) => newest.get(userId) ?? 0,
  };
};
