import AsyncStorage, { createAsyncStorage } from '@react-native-async-storage/async-storage';
import type { AsyncStorageLike, ManyStorage } from '../../../src/client/storage/async-storage.ts';
import { openClientStore } from '../../../src/client/storage/open-client-store.ts';
import { indexedKeyBox, type IndexedDbPort } from '../../../src/client/vault/indexed-key-box.ts';
import { ownerTag } from '../../../src/client/vault/owner.ts';
import { openWebVault, type SubtlePort } from '../../../src/client/vault/web-vault.ts';
import { crashEverywhere, OWNER, type CrashReport } from './crash-run.ts';
import { fusedMany, machineOver, tornMany, type Model } from './machine.ts';
import { leadOf, page, unitOf, type Lead } from './store-script.ts';
import { bareVault, randomBytes } from './vaults.ts';

/** What the page offers to the test that drives it. */
export interface BrowserPage {
  crashes(storage: Backend): Promise<CrashReport>;
  /** Writes one of each, sealed. */
  fill(storage: Backend): Promise<void>;
  /** What a new page finds, and everything on the storage's disk. */
  look(storage: Backend): Promise<{ readonly found: unknown; readonly dump: string }>;
  canExportKeys(): Promise<boolean>;
}
export type Backend = 'IndexedDB' | 'localStorage';

const legacy = AsyncStorage as unknown as ManyStorage;
const storages: Record<Backend, (name: string) => ManyStorage> = {
  IndexedDB: (name) => createAsyncStorage(name),
  localStorage: () => legacy,
};

const modelOf = (backend: Backend): Model => ({
  name: backend,
  create: async () => {
    const storage = storages[backend]('crashes');
    await storage.removeMany([...(await storage.getAllKeys())]);
    return machineOver(storage, (fuse): AsyncStorageLike =>
      backend === 'IndexedDB' ? () => fusedMany(storage, fuse) : tornMany(storage, fuse),
    );
  },
});

// What is used of a browser here; the SDK gets it handed in.
const browser = globalThis as unknown as {
  readonly indexedDB: IndexedDbPort;
  leadzen: BrowserPage;
};
const keys = indexedKeyBox(browser.indexedDB);

const openSealed = async (backend: Backend) =>
  openClientStore<Lead>({
    storage: backend === 'IndexedDB' ? () => storages.IndexedDB('sealed') : legacy,
    owner: OWNER,
    vault: await openWebVault({ subtle: crypto.subtle as SubtlePort, keys, owner: OWNER, randomBytes }),
  });

browser.leadzen = {
  crashes: (backend) => crashEverywhere(modelOf(backend), () => async () => bareVault),
  fill: async (backend) => {
    const store = await openSealed(backend);
    await store.boot();
    await store.append(unitOf(1, 3, 400));
    await store.applyPage(page(1, [leadOf(1), leadOf(2)]));
    await store.values.set('draft', 'canary-form', { name: 'canary-draft', token: 'canary-token' });
    await store.close();
  },
  look: async (backend) => {
    const found = await (await openSealed(backend)).boot();
    const storage = storages[backend]('sealed');
    const stored = await storage.getMany([...(await storage.getAllKeys())]);
    return { found, dump: JSON.stringify(stored) };
  },
  canExportKeys: async () => {
    const kept = await Promise.all(['kept', 'cache'].map((name) => keys.get(`${ownerTag(OWNER)}.${name}`)));
    return kept.some((one) => (one?.key as { readonly extractable?: boolean } | undefined)?.extractable !== false);
  },
};
