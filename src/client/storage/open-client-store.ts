import type { Result } from '../../shared/base/result.ts';
import { ownerTag } from '../vault/owner.ts';
import { cacheStore } from './cache-store.ts';
import type { Boot, ClientStore, ClientStoreOptions, Identified, StorageFull, SyncMeta } from './client-store.ts';
import { keyValueOver, type KeyValue } from './key-value.ts';
import { outboxStore } from './outbox-store.ts';
import { sealedEntries } from './sealed-entries.ts';
import { storeKeys, takeInventory, type Inventory, type StoreKeys } from './store-keys.ts';
import { valueStore } from './value-store.ts';
import { announceWipe, wipeKeys, type WipeKind } from './wipe.ts';

/** Segments that a boot has to read beyond the manifest, before the manifest takes them in. */
const JOURNAL_MAX = 32;

/** The inventory of what may be read: an interrupted wipe is finished first. */
const takeStock = async (storage: KeyValue, keys: StoreKeys): Promise<Inventory> => {
  const inventory = takeInventory(await storage.keys(), keys);
  if (!inventory.has(keys.wipe)) return inventory;
  const kind = await storage.get(keys.wipe);
  // Anything else is what iOS was interrupted in when the wipe was over.
  if (kind === 'cache' || kind === 'all') await wipeKeys(storage, keys, kind);
  return takeInventory(await storage.keys(), keys);
};

/** Opens the store of one user over whatever AsyncStorage there is. Nothing is read or written before `boot`. */
export const openClientStore = <R extends Identified, M extends SyncMeta = SyncMeta, V = unknown>(
  options: ClientStoreOptions<R>,
): ClientStore<R, M, V> => {
  const { storage: given, owner, vault, platform } = options;
  const storage = keyValueOver(given, `leadzen-${ownerTag(owner)}`);
  const keys = storeKeys(owner);
  const entries = sealedEntries(storage, vault, typeof given !== 'function' && platform === 'ios');
  const cache = cacheStore<R, M>({
    keys,
    entries,
    isPinned: (record): boolean => outbox.isAbout(record.id) || options.isPinned?.(record) === true,
    journalMax: options.journalMax ?? JOURNAL_MAX,
    recencyOf: options.recencyOf ?? (() => ''),
    onEvicted: options.onEvicted ?? (() => undefined),
  });
  const outbox = outboxStore<V>({ keys, entries, makeRoom: cache.makeRoom });
  const values = valueStore({ keys, entries, vault, makeRoom: cache.makeRoom });
  const idle = async (): Promise<void> => {
    await Promise.all([cache.idle(), outbox.idle(), values.idle()]);
  };
  return {
    boot: async (): Promise<Boot<R, M, V>> => {
      const inventory = await takeStock(storage, keys);
      await entries.collect(inventory.all);
      const { damage: ofOutbox, ...booted } = await outbox.boot(inventory);
      const ofValues = await values.boot(inventory);
      const { damage: ofCache, ...cached } = await cache.boot(inventory);
      return { ...booted, ...cached, damage: [...ofOutbox, ...ofValues, ...ofCache] };
    },
    append: outbox.append,
    acknowledge: outbox.acknowledge,
    remove: outbox.remove,
    applyPage: (page): Promise<Result<void, StorageFull>> => cache.applyPage(page),
    touch: cache.touch,
    values: values.values,
    close: idle,
    wipe: async (kind: WipeKind) => {
      await idle();
      const unsent = kind === 'all' ? outbox.unsent() : 0;
      // Announced before the keys go: what opens no more must be known to be meant so.
      await announceWipe(storage, keys, kind);
      if (kind === 'all') await vault.destroy();
      await wipeKeys(storage, keys, kind);
      if (kind === 'cache') await cache.forget();
      return unsent;
    },
  };
};
