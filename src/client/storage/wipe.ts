import type { KeyValue } from './key-value.ts';
import { takeInventory, type StoreKeys } from './store-keys.ts';
import { isFull } from './when-full.ts';

export type WipeKind = 'cache' | 'all';

/** So that an interrupted wipe goes on at the next boot. A full disk must not stop one, so it may go unannounced. */
export const announceWipe = async (storage: KeyValue, keys: StoreKeys, kind: WipeKind): Promise<void> => {
  try {
    await storage.set(keys.wipe, kind);
  } catch (error) {
    if (!isFull(error)) throw error;
  }
};

/** Removes what is the owner's, and of others nothing: the storage is never cleared. */
export const wipeKeys = async (storage: KeyValue, keys: StoreKeys, kind: WipeKind): Promise<void> => {
  const { all } = takeInventory(await storage.keys(), keys);
  const isCache = (key: string): boolean => /^[scmb](\.|~|$)/.test(key.slice(keys.prefix.length));
  const going = kind === 'all' ? all : all.filter(isCache);
  await storage.removeMany(going.filter((key) => key !== keys.wipe));
  await storage.removeMany([keys.wipe]);
};
