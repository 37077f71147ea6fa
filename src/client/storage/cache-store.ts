import type { Result } from '../../shared/base/result.ts';
import { cacheIndex } from './cache-index.ts';
import { bootCache, type BootedCache, type CacheState } from './cache-boot.ts';
import type { Identified, Page, StorageFull, SyncMeta } from './client-store.ts';
import { mergeSegments } from './cache-merge.ts';
import { evictLeastUsed, layBallast } from './evict.ts';
import { createLane } from './lane.ts';
import { worthMerging } from './merge-plan.ts';
import type { SealedEntries } from './sealed-entries.ts';
import { cutIntoPieces, segmentText, type SegmentBody } from './segment.ts';
import type { Inventory, StoreKeys } from './store-keys.ts';
import { whenFull } from './when-full.ts';

export interface CacheParts<R> {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
  readonly journalMax: number;
  readonly isPinned: (record: R) => boolean;
  readonly recencyOf: (record: R) => string;
  readonly onEvicted: (ids: readonly string[]) => void;
}

/** What the server confirmed, as a journal of pages whose old parts are merged; see store-keys.ts for the layout. */
export const cacheStore = <R extends Identified, M extends SyncMeta>(parts: CacheParts<R>) => {
  const { keys, entries } = parts;
  const lane = createLane();
  const state: CacheState<R, M> = {
    index: cacheIndex<R>(),
    meta: null,
    adopted: 0,
    lastSegment: 0,
    lastChunk: 0,
    touched: new Set(),
    hasBallast: false,
  };

  const makeRoomInLane = () => evictLeastUsed(state, parts);

  const writePage = async ({ puts, removes, meta }: Page<R, M>): Promise<Result<void, StorageFull>> => {
    const putIds = new Set(puts.map(({ id }) => id));
    const pieces = cutIntoPieces(
      puts,
      removes.filter((id) => !putIds.has(id)),
    );
    const closes = { meta, of: pieces.length };
    const texts = pieces.map((piece, i) => {
      const isLast = i === pieces.length - 1;
      return [keys.segment(state.lastSegment + 1 + i), segmentText(piece, isLast ? closes : undefined)] as const;
    });
    let sizes: number[] = [];
    const written = await whenFull(async () => {
      // One by one: the segment that closes the page must be the last to arrive, on every platform.
      sizes = [];
      for (const text of texts) sizes.push(...(await entries.put('cache', [text])));
    }, makeRoomInLane);
    if (!written.ok) {
      await entries.remove(texts.map(([key]) => key).toReversed());
      return written;
    }
    const byId = new Map(puts.map((record) => [record.id, record]));
    for (const [i, piece] of pieces.entries()) {
      const body: SegmentBody<R, M> = { puts: piece.ids.flatMap((id) => byId.get(id) ?? []), removes: piece.removes };
      state.index.lay(keys.segment(state.lastSegment + 1 + i), sizes[i] ?? 0, body);
    }
    state.lastSegment += pieces.length;
    state.meta = meta;
    return written;
  };

  /** Housekeeping: what it does not get done, the next one does. */
  const tidy = async (): Promise<void> => {
    if (state.lastSegment - state.adopted < parts.journalMax) return;
    await mergeSegments(state, parts, worthMerging(state.index.segments())).catch(() => undefined);
    await layBallast(state, parts).catch(() => undefined);
  };

  return {
    boot: (inventory: Inventory): Promise<BootedCache<R, M>> => lane(() => bootCache(state, parts, inventory)),
    applyPage: (page: Page<R, M>): Promise<Result<void, StorageFull>> => {
      const written = lane(() => writePage(page));
      void lane(tidy);
      return written;
    },
    touch: (ids: Iterable<string>): void => {
      for (const id of ids) {
        // A set keeps the order of insertion: the last is the most recently used.
        state.touched.delete(id);
        state.touched.add(id);
      }
    },
    makeRoom: () => lane(makeRoomInLane),
    /** What was on disk is gone. */
    forget: () =>
      lane(async () => {
        state.index.clear();
        Object.assign(state, { meta: null, adopted: 0, lastSegment: 0, lastChunk: 0, hasBallast: false });
      }),
    idle: () => lane(async () => undefined),
  };
};
