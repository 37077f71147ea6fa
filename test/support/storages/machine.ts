import type { AsyncStorageLike, ManyStorage, PerItemStorage } from '../../../src/client/storage/async-storage.ts';
import { createFuse, type Fuse } from './fuse.ts';

/** A phone, or a browser: what it keeps outlives its processes. */
export interface Machine {
  readonly fuse: Fuse;
  readonly platform?: string;
  /** A new process over the same bytes. */
  start(): Promise<AsyncStorageLike>;
  /** Everything on disk, keys included. */
  dump(): Promise<string>;
  /** Puts a value there past the process, or takes it away: what an attacker, or a bad disk, does. */
  tamper(change: (key: string, value: string) => string | null): Promise<void>;
}

export interface Model {
  readonly name: string;
  create(): Promise<Machine>;
}

/** A storage whose calls are each one write. */
export const fused = (storage: PerItemStorage, fuse: Fuse): PerItemStorage => ({
  getItem: (key) => fuse.read(() => storage.getItem(key)),
  setItem: (key, value) => fuse.write(key.length + value.length, () => storage.setItem(key, value)),
  removeItem: (key) => fuse.write(0, () => storage.removeItem(key)),
  getAllKeys: () => fuse.read(() => storage.getAllKeys()),
});

/** A storage with atomic calls over many keys, each of which is one write. */
export const fusedMany = (storage: ManyStorage, fuse: Fuse): ManyStorage => ({
  ...fused(storage, fuse),
  getMany: (keys) => fuse.read(() => storage.getMany(keys)),
  setMany: (entries) =>
    fuse.write(
      Object.entries(entries).reduce((sum, [key, value]) => sum + key.length + value.length, 0),
      () => storage.setMany(entries),
    ),
  removeMany: (keys) => fuse.write(0, () => storage.removeMany(keys)),
});

/** The same interface where a call is torn between any two keys, like the default export over localStorage. */
export const tornMany = (storage: ManyStorage, fuse: Fuse): ManyStorage => {
  const items = fused(storage, fuse);
  return {
    ...items,
    getMany: (keys) => fuse.read(() => storage.getMany(keys)),
    setMany: async (entries) => {
      for (const [key, value] of Object.entries(entries)) await items.setItem(key, value);
    },
    removeMany: async (keys) => {
      for (const key of keys) await items.removeItem(key);
    },
  };
};

/** A machine around a storage that outlives the process by itself. */
export const machineOver = (storage: PerItemStorage, open: (fuse: Fuse) => AsyncStorageLike): Machine => {
  const fuse = createFuse();
  const entries = async (): Promise<[string, string][]> => {
    const all: [string, string][] = [];
    for (const key of await storage.getAllKeys()) all.push([key, (await storage.getItem(key)) ?? '']);
    return all;
  };
  return {
    fuse,
    start: async () => {
      fuse.reset();
      return open(fuse);
    },
    dump: async () => (await entries()).map(([key, value]) => `${key}\n${value}`).join('\n'),
    tamper: async (change) => {
      for (const [key, value] of await entries()) {
        const changed = change(key, value);
        if (changed === null) await storage.removeItem(key);
        else if (changed !== value) await storage.setItem(key, changed);
      }
    },
  };
};
