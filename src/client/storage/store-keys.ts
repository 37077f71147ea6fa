import { ownerTag } from '../vault/owner.ts';
import type { Owner } from './client-store.ts';

/*
 * Every key but the manifest's is written once and then only removed: no platform tears a key that it does not rewrite.
 *   o.<seq>            a unit of the outbox
 *   a.<seq>.<gen>      its acknowledgement; the highest generation counts
 *   v.<label>.<gen>    a value; the same
 *   s.<n>              a segment of the cache's journal: a page, or a part of one
 *   c.<n>              a chunk that segments were merged into
 *   m                  the manifest: which segments and chunks count
 *   b                  ballast, given up for room to evict in
 *   w                  a wipe under way
 *   <key>~<n>          the rest of a value that is too long for one key
 */
export interface StoreKeys {
  readonly prefix: string;
  readonly unit: (seq: number) => string;
  readonly marker: (seq: number, gen: number) => string;
  readonly value: (label: string, gen: number) => string;
  readonly segment: (n: number) => string;
  readonly chunk: (n: number) => string;
  readonly manifest: string;
  readonly ballast: string;
  readonly wipe: string;
}

export const storeKeys = (owner: Owner): StoreKeys => {
  // Also where a store is the owner's alone: Windows answers every scoped name with one shared store.
  const prefix = `lz.${ownerTag(owner)}.`;
  return {
    prefix,
    unit: (seq) => `${prefix}o.${seq}`,
    marker: (seq, gen) => `${prefix}a.${seq}.${gen}`,
    value: (label, gen) => `${prefix}v.${label}.${gen}`,
    segment: (n) => `${prefix}s.${n}`,
    chunk: (n) => `${prefix}c.${n}`,
    manifest: `${prefix}m`,
    ballast: `${prefix}b`,
    wipe: `${prefix}w`,
  };
};

export interface Generation {
  readonly key: string;
  readonly gen: number;
}

/** What is on disk, by what it is. */
export interface Inventory {
  /** Every key of the owner's, parts included. */
  readonly all: readonly string[];
  readonly units: ReadonlyMap<number, string>;
  /** By seq, generations ascending. */
  readonly markers: ReadonlyMap<number, readonly Generation[]>;
  /** By label, generations ascending. */
  readonly values: ReadonlyMap<string, readonly Generation[]>;
  readonly segments: ReadonlyMap<number, string>;
  readonly chunks: ReadonlyMap<number, string>;
  readonly has: (key: string) => boolean;
}

const numbered = (keys: readonly string[], start: string): Map<number, string> =>
  new Map(
    keys
      .filter((key) => key.startsWith(start))
      .map((key) => [Number(key.slice(start.length)), key] as const)
      .sort(([a], [b]) => a - b),
  );

const generations = (keys: readonly string[], start: string): Map<string, Generation[]> => {
  const groups = new Map<string, Generation[]>();
  for (const key of keys) {
    if (!key.startsWith(start)) continue;
    const [name = '', gen] = key.slice(start.length).split('.');
    groups.set(name, [...(groups.get(name) ?? []), { key, gen: Number(gen) }]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.gen - b.gen);
  return groups;
};

/** Sorts the keys of a storage that others may use as well. */
export const takeInventory = (keysOfAll: readonly string[], { prefix }: StoreKeys): Inventory => {
  const all = keysOfAll.filter((key) => key.startsWith(prefix));
  const heads = all.filter((key) => !key.includes('~'));
  const present = new Set(all);
  return {
    all,
    units: numbered(heads, `${prefix}o.`),
    markers: new Map([...generations(heads, `${prefix}a.`)].map(([seq, group]) => [Number(seq), group])),
    values: generations(heads, `${prefix}v.`),
    segments: numbered(heads, `${prefix}s.`),
    chunks: numbered(heads, `${prefix}c.`),
    has: (key) => present.has(key),
  };
};
