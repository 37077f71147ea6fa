import type { CacheState } from './cache-boot.ts';
import { mergeSegments } from './cache-merge.ts';
import type { Identified, SyncMeta } from './client-store.ts';
import type { SealedEntries } from './sealed-entries.ts';
import type { Segment } from './segment.ts';
import type { StoreKeys } from './store-keys.ts';

interface EvictParts<R> {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
  readonly isPinned: (record: R) => boolean;
  readonly recencyOf: (record: R) => string;
  readonly onEvicted: (ids: readonly string[]) => void;
}

/** What one eviction gives up of the cache: enough that the next edits need none. */
const SHARE = 0.25;
/** What is written anew in one step must fit where the ballast was. */
const REWRITTEN_MAX = 48 * 1024;
/** Digits do not deflate below half: this takes about 100 KB, enough for a manifest and a chunk. */
const BALLAST = 200_000;

/**
 * Room that is kept so that there is some to evict in: survivors are written before what they were in is removed.
 * What fills it depends on nothing, and tells nothing.
 */
export const layBallast = async (
  state: { hasBallast: boolean },
  { keys, entries }: Pick<EvictParts<unknown>, 'keys' | 'entries'>,
): Promise<void> => {
  if (state.hasBallast) return;
  let digits = '';
  for (let i = 1; digits.length < BALLAST; i++) digits += String(Math.sin(i)).slice(4, 18);
  await entries.put('cache', [[keys.ballast, JSON.stringify({ digits })]]);
  state.hasBallast = true;
};

interface Candidate {
  readonly segment: Segment;
  readonly evictable: readonly string[];
  /** Characters that would be written anew. */
  readonly rest: number;
  readonly touched: number;
  readonly recency: string;
}

const candidateOf = <R extends Identified, M extends SyncMeta>(
  { index }: CacheState<R, M>,
  segment: Segment,
  ranks: ReadonlyMap<string, number>,
  { isPinned, recencyOf }: EvictParts<R>,
): Candidate => {
  const evictable: string[] = [];
  let touched = 0;
  let recency = '';
  for (const id of segment.puts) {
    const place = index.places.get(id);
    if (place?.segment !== segment || isPinned(place.record)) continue;
    evictable.push(id);
    touched = Math.max(touched, ranks.get(id) ?? 0);
    const own = recencyOf(place.record);
    if (own > recency) recency = own;
  }
  const rest = Math.ceil((segment.size * (segment.live - evictable.length)) / Math.max(1, segment.puts.length));
  return { segment, evictable, rest, touched, recency };
};

const byUse = (a: Candidate, b: Candidate): number =>
  a.touched - b.touched || (a.recency < b.recency ? -1 : Number(a.recency > b.recency));

/** The least used segments, until they free their share or what must survive of them is too much for one step. */
const chooseVictims = (candidates: readonly Candidate[], total: number): Candidate[] => {
  const chosen: Candidate[] = [];
  let freed = 0;
  let rest = 0;
  for (const candidate of candidates) {
    if (chosen.length > 0 && (freed >= total * SHARE || rest + candidate.rest > REWRITTEN_MAX)) break;
    chosen.push(candidate);
    freed += candidate.segment.size - candidate.rest;
    rest += candidate.rest;
  }
  return chosen;
};

/**
 * Gives up a part of the cache, least used first, and never what is pinned: the server has it all, and sends it again
 * when it is needed. False where there is nothing to give up, or no room even for that.
 */
export const evictLeastUsed = async <R extends Identified, M extends SyncMeta>(
  state: CacheState<R, M>,
  parts: EvictParts<R>,
): Promise<boolean> => {
  const { index } = state;
  const ranks = new Map([...state.touched].map((id, i) => [id, i + 1]));
  const candidates = index
    .segments()
    .map((segment) => candidateOf(state, segment, ranks, parts))
    .filter(({ evictable }) => evictable.length > 0)
    .sort(byUse);
  if (candidates.length === 0) return false;
  const victims = chooseVictims(candidates, index.size());
  const gone = victims.flatMap(({ evictable }) => evictable);
  const before = gone.flatMap((id) => index.places.get(id) ?? []);
  for (const id of gone) index.forget(id);
  try {
    await parts.entries.remove([parts.keys.ballast]);
    state.hasBallast = false;
    await mergeSegments(state, parts, new Set(victims.map(({ segment }) => segment)), gone);
  } catch {
    // Nothing went: what is in the index must again be what is on disk.
    for (const place of before) index.restore(place);
    return false;
  }
  parts.onEvicted(gone);
  await layBallast(state, parts).catch(() => undefined);
  return true;
};
