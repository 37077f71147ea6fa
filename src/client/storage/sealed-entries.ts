import { isJsonObject, type JsonObject } from '../../shared/base/json.ts';
import type { Area, Vault } from '../vault/vault.ts';
import type { KeyValue } from './key-value.ts';

/** Characters of ASCII in one key: what Android reads back in one row, with room to spare. */
export const VALUE_MAX = 250_000;
/** iOS keeps longer values in files of their own. */
const INLINE_MAX = 1024;
const READ_AT_ONCE = 16;

export type ReadEntry =
  | { readonly ok: true; readonly value: JsonObject; readonly size: number }
  | { readonly ok: false; readonly reason: 'foreign' | 'tampered' };

/** JSON under keys, sealed. Each is there as a whole or not at all, however long it is. */
export interface SealedEntries {
  /** In the order given. The text must be an object's JSON. Answers the lengths on disk. */
  put(area: Area, entries: readonly (readonly [key: string, text: string])[]): Promise<number[]>;
  /** Those that are there. `atOnce`: how many cross the bridge in one message. */
  read(area: Area, keys: readonly string[], atOnce?: number): Promise<ReadonlyMap<string, ReadEntry>>;
  /** In the order given. */
  remove(keys: readonly string[]): Promise<void>;
  /** Learns which parts are on disk, and removes those whose head is not: what a crash left of a long value. */
  collect(present: readonly string[]): Promise<void>;
}

const HEAD = /^\*(\d+)\*/;
const partKey = (key: string, n: number): string => `${key}~${n}`;
const partsOf = (key: string, count: number): string[] => Array.from({ length: count }, (_, i) => partKey(key, i + 1));

/** A value too long for one key: its head, which says how many parts there are, is written last and makes it count. */
const cut = (key: string, sealed: string) => {
  const count = Math.ceil(sealed.length / VALUE_MAX) - 1;
  const slice = (n: number): string => sealed.slice(n * VALUE_MAX, (n + 1) * VALUE_MAX);
  const head: readonly [string, string] = [key, count === 0 ? sealed : `*${count}*${slice(0)}`];
  return { head, parts: partsOf(key, count).map((part, i) => [part, slice(i + 1)] as const) };
};

const parsed = (text: string, size: number): ReadEntry => {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return { ok: true, value, size };
  } catch {
    // No reason to fail a boot: it is reported like anything else that cannot be used.
  }
  return { ok: false, reason: 'tampered' };
};

export const sealedEntries = (storage: KeyValue, vault: Vault, isPadded: boolean): SealedEntries => {
  const longKeys = new Map<string, number>();
  const padded = (sealed: string): string => (isPadded ? sealed.padEnd(INLINE_MAX + 1, ' ') : sealed);
  const whole = async (key: string, head: string): Promise<string> => {
    const [mark, count] = HEAD.exec(head) ?? [];
    if (mark === undefined) return head.trimEnd();
    const keys = partsOf(key, Number(count));
    const found = await storage.getMany(keys, READ_AT_ONCE);
    return head.slice(mark.length) + keys.map((part) => found.get(part) ?? '').join('');
  };
  const readOne = async (area: Area, key: string, head: string): Promise<ReadEntry> => {
    const sealed = await whole(key, head);
    const opened = await vault.open(area, key, sealed);
    return opened.ok ? parsed(opened.text, sealed.length) : opened;
  };
  return {
    put: async (area, entries) => {
      const sealed = await Promise.all(
        entries.map(async ([key, text]) => [key, padded(await vault.seal(area, key, text))] as const),
      );
      const values = sealed.map(([key, text]) => cut(key, text));
      const parts = values.flatMap((value) => value.parts);
      for (const { head, parts: rest } of values) if (rest.length > 0) longKeys.set(head[0], rest.length);
      for (const [key, part] of parts) await storage.set(key, part);
      const heads = values.map(({ head }) => head);
      const [only] = heads;
      await (heads.length === 1 && only !== undefined ? storage.set(only[0], only[1]) : storage.setMany(heads));
      return sealed.map(([, text]) => text.length);
    },
    read: async (area, keys, atOnce) => {
      const found = await storage.getMany(keys, atOnce);
      const opened = [...found].map(async ([key, head]) => [key, await readOne(area, key, head)] as const);
      return new Map(await Promise.all(opened));
    },
    remove: async (keys) => {
      const parts = keys.flatMap((key) => partsOf(key, longKeys.get(key) ?? 0));
      if (keys.length > 0) await storage.removeMany(keys);
      if (parts.length > 0) await storage.removeMany(parts);
      for (const key of keys) longKeys.delete(key);
    },
    collect: async (present) => {
      const known = new Set(present);
      const orphans: string[] = [];
      for (const key of present) {
        const at = key.indexOf('~');
        if (at < 0) continue;
        const head = key.slice(0, at);
        if (!known.has(head)) orphans.push(key);
        longKeys.set(head, Math.max(longKeys.get(head) ?? 0, Number(key.slice(at + 1))));
      }
      if (orphans.length > 0) await storage.removeMany(orphans);
    },
  };
};
