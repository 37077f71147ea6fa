/** What every version of AsyncStorage has. */
export interface PerItemStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
  getAllKeys(): Promise<readonly string[]>;
}

/** Versions 1 and 2. */
export interface PairStorage extends PerItemStorage {
  multiGet(keys: string[]): Promise<readonly (readonly [string, string | null])[]>;
  multiSet(pairs: [string, string][]): Promise<unknown>;
  multiRemove(keys: string[]): Promise<unknown>;
}

/** Version 3: its scoped stores, and its default export over the data of version 2. */
export interface ManyStorage extends PerItemStorage {
  getMany(keys: string[]): Promise<Record<string, string | null>>;
  setMany(entries: Record<string, string>): Promise<unknown>;
  removeMany(keys: string[]): Promise<unknown>;
}

/** Version 3's `createAsyncStorage`. */
export type ScopedStorages = (name: string) => PerItemStorage | ManyStorage;

export type AsyncStorageLike = PerItemStorage | PairStorage | ManyStorage | ScopedStorages;
