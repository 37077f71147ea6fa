import type { Result } from '../../shared/base/result.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { Vault } from '../vault/vault.ts';
import type { AsyncStorageLike } from './async-storage.ts';

export type { AsyncStorageLike } from './async-storage.ts';

/** Whose store it is. Two people who share a phone have two stores, and neither ever sees the other's. */
export interface Owner {
  readonly workspaceId: string;
  readonly userId: string;
}

/** One user action, a single event or a whole group, written under one key that is never written again. */
export interface OutboxUnit {
  /** The order of the user's actions: `Boot.nextSeq`, then counting up. A number is never given twice. */
  readonly seq: number;
  readonly events: readonly ProposedEvent[];
  /** The refused unit that this one is sent instead of. */
  readonly replaces?: number | undefined;
}

/** How a unit ended, apart from the unit; a later one for the same unit counts instead. */
export interface Acknowledgement<V> {
  readonly seq: number;
  /** One an event. */
  readonly outcomes: readonly V[];
}

/** What a record must have to be cached; the rest is its owner's business, as long as it is JSON. */
export interface Identified {
  readonly id: string;
}

/** How far the cache has come. It travels in the very key of the page that brought it there. */
export interface SyncMeta {
  /** null: the first sync has not had a page. */
  readonly cursor: string | null;
  readonly through: number;
  readonly mark?: string | undefined;
}

/** What a page does to the cache, already folded. */
export interface Page<R, M> {
  readonly puts: readonly R[];
  /** Ids; one that is not there is no mistake. */
  readonly removes: readonly string[];
  readonly meta: M;
}

/** The disk is full, and evicting what may be evicted did not help. Nothing was changed. */
export interface StorageFull {
  readonly code: 'storage_full';
  readonly message: string;
}

/** Something on disk that cannot be used. It is never applied and never thrown. */
export interface Damage {
  readonly area: 'outbox' | 'value' | 'cache';
  /** `foreign`: sealed under a key that is not here; `tampered`: changed, moved or cut off. */
  readonly reason: 'foreign' | 'tampered';
  readonly key: string;
  /** The unit that it belongs to. It stays on disk until it is removed like any other. */
  readonly seq?: number | undefined;
}

/** Everything that survived. */
export interface Boot<R, M, V> {
  /** Ascending by `seq`. */
  readonly units: readonly OutboxUnit[];
  readonly acknowledgements: readonly Acknowledgement<V>[];
  readonly nextSeq: number;
  readonly records: readonly R[];
  /** null: there was never a page, or a part of the cache is damaged; `records` may be shown, but sync begins anew. */
  readonly meta: M | null;
  readonly damage: readonly Damage[];
}

export type ValueArea = 'draft' | 'setting' | 'meta';

/** Small named values. Reads are answered from memory. */
export interface Values {
  get(area: ValueArea, name: string): Promise<unknown>;
  /** The value must be JSON. */
  set(area: ValueArea, name: string, value: unknown): Promise<Result<void, StorageFull>>;
  remove(area: ValueArea, name: string): Promise<void>;
  list(area: ValueArea): Promise<ReadonlyMap<string, unknown>>;
}

/**
 * Everything that one user of one phone has on it, over AsyncStorage. Whatever a call has resolved with survives the
 * death of the process at any moment; a call that did not come back was done as a whole or not at all.
 * A call rejects only where the platform fails for another reason than space; then the same call may be tried again.
 * Only one store of an owner may be open at a time: among tabs, the leader's.
 */
export interface ClientStore<R extends Identified, M extends SyncMeta, V> {
  readonly boot: () => Promise<Boot<R, M, V>>;
  /** Durable once it resolves. A refused unit leaves no trace. Appends are written in the order of the calls. */
  readonly append: (unit: OutboxUnit) => Promise<Result<void, StorageFull>>;
  readonly acknowledge: (markers: readonly Acknowledgement<V>[]) => Promise<Result<void, StorageFull>>;
  readonly remove: (seqs: readonly number[]) => Promise<void>;
  readonly applyPage: (page: Page<R, M>) => Promise<Result<void, StorageFull>>;
  /** These records were used just now: they are evicted last. */
  readonly touch: (ids: Iterable<string>) => void;
  readonly values: Values;
  /** Resolves once nothing is under way. */
  readonly close: () => Promise<void>;
  /**
   * `cache`: the records and how far sync has come. `all`: that, the outbox and the values, so that nothing of the owner
   * remains; answers how many events without an acknowledgement it destroyed. An interrupted one goes on at the next boot.
   */
  readonly wipe: (kind: 'cache' | 'all') => Promise<number>;
}

export interface ClientStoreOptions<R extends Identified> {
  /** AsyncStorage of any version, or v3's `createAsyncStorage`, which gives the owner a database apart. */
  readonly storage: AsyncStorageLike;
  readonly owner: Owner;
  readonly vault: Vault;
  /** iOS keeps short values of unscoped storages in one file that it rewrites at every change: there they are padded. */
  readonly platform?: string | undefined;
  /** What a full disk must not evict, besides the records that units of the outbox are about. */
  readonly isPinned?: ((record: R) => boolean) | undefined;
  /** Orders what was never touched, ascending from least to most recent; default: all alike. */
  readonly recencyOf?: ((record: R) => string) | undefined;
  /** Pages that the journal may hold before they are merged; default 32. */
  readonly journalMax?: number | undefined;
  /** What a full disk made go, so that it can be asked for again when it is needed. */
  readonly onEvicted?: ((ids: readonly string[]) => void) | undefined;
}
