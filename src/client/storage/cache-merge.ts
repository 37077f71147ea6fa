import { neededRemoves } from './cache-index.ts';
import type { CacheState } from './cache-boot.ts';
import type { Identified, SyncMeta } from './client-store.ts';
import type { SealedEntries } from './sealed-entries.ts';
import { cutIntoPieces, segmentText, type Segment } from './segment.ts';
import type { StoreKeys } from './store-keys.ts';

interface MergeParts {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
}

/** Recently used records that survive a restart as such. */
const TOUCHED_KEPT = 200;

/** The one key that is ever rewritten: what counts as the cache, up to a segment of the journal. */
export interface Manifest<M> {
  readonly adopted: number;
  /** In the order in which they apply, without the owner's prefix. */
  readonly segments: readonly string[];
  readonly meta: M | null;
  readonly touched: readonly string[];
}

export const writeManifest = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  { keys, entries }: MergeParts,
  segments: readonly string[],
): Promise<void> => {
  const manifest: Manifest<M> = {
    adopted: state.lastSegment,
    segments: segments.map((key) => key.slice(keys.prefix.length)),
    meta: state.meta,
    touched: [...state.touched].slice(-TOUCHED_KEPT),
  };
  await entries.put('cache', [[keys.manifest, JSON.stringify(manifest)]]);
};

/**
 * Writes what still counts of some segments anew, then the manifest, which makes it so, and removes them. `gone` are
 * records that were taken out of the index and must not come back from an older copy.
 */
export const mergeSegments = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  parts: MergeParts,
  going: ReadonlySet<Segment>,
  gone: Iterable<string> = [],
): Promise<void> => {
  const { keys, entries } = parts;
  const { index } = state;
  const records = [...going].flatMap((segment) =>
    segment.puts.flatMap((id) => {
      const place = index.places.get(id);
      return place?.segment === segment ? [place.record] : [];
    }),
  );
  const removes = neededRemoves(index, going, gone);
  const pieces = records.length + removes.length === 0 ? [] : cutIntoPieces(records, removes);
  const chunks = pieces.map((piece, i) => ({ piece, key: keys.chunk(state.lastChunk + 1 + i) }));
  state.lastChunk += chunks.length;
  const sizes: number[] = [];
  for (const { piece, key } of chunks) sizes.push(...(await entries.put('cache', [[key, segmentText(piece)]])));
  const kept = index.segments().filter((segment) => !going.has(segment));
  await writeManifest(
    state,
    parts,
    [...kept, ...chunks].map(({ key }) => key),
  );
  state.adopted = state.lastSegment;
  const byId = new Map(records.map((record) => [record.id, record]));
  index.drop(going);
  for (const [i, { piece, key }] of chunks.entries()) {
    index.lay(key, sizes[i] ?? 0, {
      puts: piece.ids.flatMap((id) => byId.get(id) ?? []),
      removes: piece.removes,
    });
  }
  // They count no more, and what stays of them is collected at the next boot.
  await entries.remove([...going].map(({ key }) => key)).catch(() => undefined);
};
