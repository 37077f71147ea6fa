import type { AsyncStorageLike, ManyStorage, PairStorage, PerItemStorage } from './async-storage.ts';

/** Every AsyncStorage alike. No call is atomic over several keys; each writes and removes in the order given. */
export interface KeyValue {
  get(key: string): Promise<string | null>;
  /** Those that are there. `atOnce` bounds what crosses the bridge in one message. */
  getMany(keys: readonly string[], atOnce?: number): Promise<ReadonlyMap<string, string>>;
  set(key: string, value: string): Promise<void>;
  setMany(entries: readonly (readonly [string, string])[]): Promise<void>;
  removeMany(keys: readonly string[]): Promise<void>;
  keys(): Promise<readonly string[]>;
}

// SQLite of old Androids takes 999 variables a statement, and v3 does not split what it is given.
const KEYS_A_CALL = 500;

const slices = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

type Many = Pick<KeyValue, 'setMany' | 'removeMany'> & {
  read(keys: string[]): Promise<readonly (readonly [string, string | null])[]>;
};

const overMany = (storage: ManyStorage): Many => ({
  read: async (keys) => Object.entries(await storage.getMany(keys)),
  setMany: async (entries) => void (await storage.setMany(Object.fromEntries(entries))),
  removeMany: async (keys) => void (await storage.removeMany([...keys])),
});

const overPairs = (storage: PairStorage): Many => ({
  read: (keys) => storage.multiGet(keys),
  setMany: async (entries) => void (await storage.multiSet(entries.map(([key, value]) => [key, value]))),
  removeMany: async (keys) => void (await storage.multiRemove([...keys])),
});

const overItems = (storage: PerItemStorage): Many => ({
  read: (keys) => Promise.all(keys.map(async (key) => [key, await storage.getItem(key)] as const)),
  setMany: async (entries) => {
    for (const [key, value] of entries) await storage.setItem(key, value);
  },
  removeMany: async (keys) => {
    for (const key of keys) await storage.removeItem(key);
  },
});

const manyOf = (storage: PerItemStorage | PairStorage | ManyStorage): Many => {
  if ('setMany' in storage) return overMany(storage);
  return 'multiSet' in storage ? overPairs(storage) : overItems(storage);
};

/** The storage as one interface; of v3's scoped stores the one that is named. */
export const keyValueOver = (given: AsyncStorageLike, database: string): KeyValue => {
  const storage = typeof given === 'function' ? given(database) : given;
  const many = manyOf(storage);
  return {
    get: (key) => storage.getItem(key),
    set: async (key, value) => void (await storage.setItem(key, value)),
    getMany: async (keys, atOnce = KEYS_A_CALL) => {
      const found = new Map<string, string>();
      for (const some of slices(keys, atOnce)) {
        for (const [key, value] of await many.read(some)) if (value !== null) found.set(key, value);
      }
      return found;
    },
    setMany: async (entries) => {
      for (const some of slices(entries, KEYS_A_CALL)) await many.setMany(some);
    },
    removeMany: async (keys) => {
      for (const some of slices(keys, KEYS_A_CALL)) await many.removeMany(some);
    },
    keys: () => storage.getAllKeys(),
  };
};
