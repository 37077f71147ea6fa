import type { CacheIndex } from './cache-index.ts';
import type { Damage, Identified, SyncMeta } from './client-store.ts';
import { writeManifest, type Manifest } from './cache-merge.ts';
import type { ReadEntry, SealedEntries } from './sealed-entries.ts';
import type { SegmentBody } from './segment.ts';
import type { Inventory, StoreKeys } from './store-keys.ts';

/** The cache in memory. */
export interface CacheState<R extends Identified, M extends SyncMeta> {
  readonly index: CacheIndex<R>;
  meta: M | null;
  /** The journal's last segment that the manifest knows. */
  adopted: number;
  lastSegment: number;
  lastChunk: number;
  /** Least recently used first. */
  readonly touched: Set<string>;
  hasBallast: boolean;
}

export interface BootedCache<R, M> {
  readonly records: readonly R[];
  readonly meta: M | null;
  readonly damage: readonly Damage[];
}

interface BootParts {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
}

/** Segments read in one message over the bridge. */
const READ_AT_ONCE = 16;

const damageOf = (key: string, entry: ReadEntry | undefined): Damage => ({
  area: 'cache',
  reason: entry === undefined || entry.ok ? 'tampered' : entry.reason,
  key,
});

/** Lays what the manifest lists; a piece that is missing or does not open costs the certainty, not the rest. */
const layBase = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  { keys, entries }: BootParts,
  manifest: Manifest<M>,
): Promise<Damage[]> => {
  const listed = manifest.segments.map((key) => keys.prefix + key);
  const damage: Damage[] = [];
  const read = await entries.read('cache', listed, READ_AT_ONCE);
  for (const key of listed) {
    const entry = read.get(key);
    if (entry?.ok) state.index.lay(key, entry.size, entry.value as unknown as SegmentBody<R, M>);
    else damage.push(damageOf(key, entry));
  }
  state.meta = damage.length === 0 ? manifest.meta : null;
  state.adopted = manifest.adopted;
  for (const id of manifest.touched) state.touched.add(id);
  return damage;
};

/** The journal beyond the manifest, page by page, up to where it is cut off, has a gap or does not open. */
const layJournal = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  { entries }: BootParts,
  inventory: Inventory,
): Promise<Damage[]> => {
  const journal = [...inventory.segments].filter(([n]) => n > state.adopted);
  const read = await entries.read(
    'cache',
    journal.map(([, key]) => key),
    READ_AT_ONCE,
  );
  state.lastSegment = state.adopted;
  let page: { key: string; size: number; body: SegmentBody<R, M> }[] = [];
  for (const [i, [n, key]] of journal.entries()) {
    const entry = read.get(key);
    if (n !== state.adopted + 1 + i || entry === undefined) break;
    if (!entry.ok) return [damageOf(key, entry)];
    const body = entry.value as unknown as SegmentBody<R, M>;
    page.push({ key, size: entry.size, body });
    if (body.closes === undefined) continue;
    if (body.closes.of !== page.length) return [damageOf(key, undefined)];
    for (const one of page) state.index.lay(one.key, one.size, one.body);
    state.meta = body.closes.meta;
    state.lastSegment = n;
    page = [];
  }
  return [];
};

/** Descending, so that a crash in between leaves a journal without gaps. */
const removeOrphans = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  { entries }: BootParts,
  inventory: Inventory,
): Promise<void> => {
  const used = new Set(state.index.segments().map(({ key }) => key));
  const orphans = [...inventory.segments.values(), ...inventory.chunks.values()].filter((key) => !used.has(key));
  await entries.remove(orphans.toReversed());
};

/**
 * Reads the cache. Where something is wrong with it, it is put right on disk too, so that the next boot finds what this
 * one found: a manifest that does not open means an empty cache, a lost segment means that sync begins anew.
 */
export const bootCache = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  parts: BootParts,
  inventory: Inventory,
): Promise<BootedCache<R, M>> => {
  const { keys, entries } = parts;
  state.lastChunk = Math.max(0, ...inventory.chunks.keys());
  state.hasBallast = inventory.has(keys.ballast);
  const damage: Damage[] = [];
  if (inventory.has(keys.manifest)) {
    const entry = (await entries.read('cache', [keys.manifest])).get(keys.manifest);
    if (entry?.ok) damage.push(...(await layBase(state, parts, entry.value as unknown as Manifest<M>)));
    else if (entry !== undefined) {
      // Its journal continues what is lost, so it goes first: it must not be taken for a beginning.
      await entries.remove([...inventory.segments.values()].toReversed());
      await entries.remove([keys.manifest, ...inventory.chunks.values()]);
      return { records: [], meta: null, damage: [damageOf(keys.manifest, entry)] };
    }
  }
  const isBaseWhole = damage.length === 0;
  damage.push(...(await layJournal(state, parts, inventory)));
  if (!isBaseWhole) {
    state.meta = null;
    await writeManifest(
      state,
      parts,
      state.index.segments().map(({ key }) => key),
    );
    state.adopted = state.lastSegment;
  }
  await removeOrphans(state, parts, inventory);
  return { records: [...state.index.places.values()].map(({ record }) => record), meta: state.meta, damage };
};
