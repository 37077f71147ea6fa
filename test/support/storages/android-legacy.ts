import type { PairStorage } from '../../../src/client/storage/async-storage.ts';
import { createFuse, type Fuse } from './fuse.ts';
import type { Model } from './machine.ts';

const DATABASE_MAX = 6 * 1024 * 1024;
const ROW_MAX = 2 * 1024 * 1024;

const sizeOf = (rows: Iterable<readonly [string, string]>): number => {
  let size = 0;
  for (const [key, value] of rows) size += key.length + value.length;
  return size;
};

const openProcess = (rows: Map<string, string>, fuse: Fuse): PairStorage => {
  const get = (key: string): string | null => {
    const value = rows.get(key) ?? null;
    if (value !== null && value.length > ROW_MAX) throw new Error('Row too big to fit into CursorWindow');
    return value;
  };
  const set = (pairs: readonly (readonly [string, string])[]): Promise<void> => {
    const fresh = new Map([...rows, ...pairs]);
    if (sizeOf(fresh) > DATABASE_MAX) throw new Error('database or disk is full (code 13 SQLITE_FULL)');
    return fuse.write(sizeOf(pairs), () => {
      for (const [key, value] of pairs) rows.set(key, value);
    });
  };
  const remove = (keys: readonly string[]): Promise<void> =>
    fuse.write(0, () => {
      for (const key of keys) rows.delete(key);
    });
  return {
    getItem: (key) => fuse.read(() => get(key)),
    setItem: async (key, value) => set([[key, value]]),
    removeItem: (key) => remove([key]),
    getAllKeys: () => fuse.read(() => [...rows.keys()]),
    multiGet: (keys) => fuse.read(() => keys.map((key) => [key, get(key)] as const)),
    multiSet: async (pairs) => set(pairs),
    multiRemove: remove,
  };
};

/** AsyncStorage 2 on Android: one SQLite transaction a call, 6 MB in all, and rows over 2 MB that no cursor reads back. */
export const androidLegacy: Model = {
  name: 'version 2 on Android',
  create: async () => {
    const fuse = createFuse();
    const rows = new Map<string, string>();
    return {
      fuse,
      platform: 'android',
      start: async () => {
        fuse.reset();
        return openProcess(rows, fuse);
      },
      dump: async () => [...rows].map((row) => row.join('\n')).join('\n'),
      tamper: async (change) => {
        for (const [key, value] of rows) {
          const changed = change(key, value);
          if (changed === null) rows.delete(key);
          else rows.set(key, changed);
        }
      },
    };
  },
};
