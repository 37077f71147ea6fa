import type { KeptKey, KeyBox } from './web-vault.ts';

/** What is used of IndexedDB. */
interface Target<E extends string> {
  addEventListener(event: E, listener: () => void): void;
}
interface Ask<T> extends Target<'success' | 'error'> {
  readonly result: T;
  readonly error: unknown;
}
interface OpenAsk extends Target<'success' | 'error' | 'upgradeneeded'> {
  readonly result: Database;
  readonly error: unknown;
}
interface ObjectStore {
  get(key: string): Ask<unknown>;
  put(value: unknown, key: string): Ask<unknown>;
  delete(key: string): Ask<unknown>;
}
interface Transaction extends Target<'complete' | 'abort'> {
  objectStore(name: string): ObjectStore;
  readonly error: unknown;
}
interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}
/** The global `indexedDB` fits. */
export interface IndexedDbPort {
  open(name: string, version: number): OpenAsk;
}

const DATABASE = 'leadzen-keys';
const STORE = 'keys';

const openDatabase = (indexedDb: IndexedDbPort): Promise<Database> =>
  new Promise((resolve, reject) => {
    const ask = indexedDb.open(DATABASE, 1);
    ask.addEventListener('upgradeneeded', () => ask.result.createObjectStore(STORE));
    ask.addEventListener('success', () => resolve(ask.result));
    ask.addEventListener('error', () => reject(ask.error));
  });

/** Resolves with what `work` left once it is on disk, not when it was asked for. */
const inTransaction = async <T>(
  indexedDb: IndexedDbPort,
  mode: 'readonly' | 'readwrite',
  work: (store: ObjectStore, leave: (value: T) => void) => void,
): Promise<T | undefined> => {
  const database = await openDatabase(indexedDb);
  try {
    return await new Promise((resolve, reject) => {
      let left: T | undefined;
      const transaction = database.transaction(STORE, mode);
      transaction.addEventListener('complete', () => resolve(left));
      transaction.addEventListener('abort', () => reject(transaction.error));
      work(transaction.objectStore(STORE), (value) => (left = value));
    });
  } finally {
    database.close();
  }
};

/** Keys that cannot be exported live in IndexedDB: nowhere else does a browser keep a key without showing its bytes. */
export const indexedKeyBox = (indexedDb: IndexedDbPort): KeyBox => ({
  get: (name) =>
    inTransaction<KeptKey>(indexedDb, 'readonly', (store, leave) => {
      const ask = store.get(name);
      ask.addEventListener('success', () => leave(ask.result as KeptKey));
    }),
  keep: async (name, fresh) => {
    const kept = await inTransaction<KeptKey>(indexedDb, 'readwrite', (store, leave) => {
      const ask = store.get(name);
      ask.addEventListener('success', () => {
        if (ask.result === undefined) store.put(fresh, name);
        leave((ask.result ?? fresh) as KeptKey);
      });
    });
    return kept ?? fresh;
  },
  remove: async (name) => {
    await inTransaction(indexedDb, 'readwrite', (store) => {
      store.delete(name);
    });
  },
});
