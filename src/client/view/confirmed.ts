import { clockTime, type HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import { CREATION } from '../../shared/domain/register-clocks.ts';

/** A stream as the server confirmed it, and as it is stored. */
export interface Confirmed {
  readonly id: Uuid;
  /** Any word: newer servers know more types than this app. */
  readonly type: string;
  readonly version: number;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
  /** The scope of a root; absent for activities about a record, which go with their root. */
  readonly scope?: Uuid | undefined;
  /** The stream whose scope decides; itself, but for activities. */
  readonly root: Uuid;
  /** Number of the first sync that brought it: what a later one does not bring again is dropped. */
  readonly round: number;
  /** It was changed by an event that this app does not know, so it takes no further one until the app is newer. */
  readonly opaque?: true | undefined;
}

/** The cache in memory. */
export interface ConfirmedRecords {
  get(id: Uuid): Confirmed | undefined;
  ofType(type: string): ReadonlySet<Uuid>;
  all(): IterableIterator<Confirmed>;
  /** Activities about a record. */
  hangingOn(root: Uuid): readonly Uuid[];
  apply(puts: Iterable<Confirmed>, removes: Iterable<Uuid>): void;
  readonly size: number;
}

const NONE: ReadonlySet<Uuid> = new Set();

const indexed = <K>() => {
  const sets = new Map<K, Set<Uuid>>();
  return {
    of: (key: K): ReadonlySet<Uuid> => sets.get(key) ?? NONE,
    add: (key: K, id: Uuid): void => {
      const set = sets.get(key);
      if (set === undefined) sets.set(key, new Set([id]));
      else set.add(id);
    },
    remove: (key: K, id: Uuid): void => {
      const set = sets.get(key);
      set?.delete(id);
      if (set?.size === 0) sets.delete(key);
    },
  };
};

export const createConfirmed = (records: Iterable<Confirmed>): ConfirmedRecords => {
  const byId = new Map<Uuid, Confirmed>();
  const byType = indexed<string>();
  const byRoot = indexed<Uuid>();
  const remove = (id: Uuid): void => {
    const known = byId.get(id);
    if (known === undefined) return;
    byId.delete(id);
    byType.remove(known.type, id);
    if (known.root !== id) byRoot.remove(known.root, id);
  };
  const put = (record: Confirmed): void => {
    const known = byId.get(record.id);
    if (known !== undefined && (known.type !== record.type || known.root !== record.root)) remove(record.id);
    byId.set(record.id, record);
    byType.add(record.type, record.id);
    if (record.root !== record.id) byRoot.add(record.root, record.id);
  };
  for (const record of records) put(record);
  return {
    get: (id) => byId.get(id),
    ofType: byType.of,
    all: () => byId.values(),
    hangingOn: (root) => Array.from(byRoot.of(root)),
    apply: (puts, removes) => {
      for (const id of removes) remove(id);
      for (const record of puts) put(record);
    },
    get size() {
      return byId.size;
    },
  };
};

/** The newest clock in a stream: no array is made of the few registers that there are. */
const newestIn = (clocks: RegisterClocks): HybridClock => {
  let newest = '';
  for (const register in clocks) {
    const clock = clocks[register]?.clock ?? '';
    if (clock > newest) newest = clock;
  }
  return newest;
};

/** ISO times at which a stream's first and newest event occurred, by their clocks. */
export const createdAtOf = (clocks: RegisterClocks): string => clockTime(clocks[CREATION]?.clock ?? '');
export const updatedAtOf = (clocks: RegisterClocks): string => clockTime(newestIn(clocks));
