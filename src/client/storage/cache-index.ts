import type { Identified } from './client-store.ts';
import type { Place, Segment } from './segment.ts';

/** Which record counts, and where: the cache's segments laid over each other. */
export const cacheIndex = <R extends Identified>() => {
  const places = new Map<string, Place<R>>();
  /** Oldest first, which is the order in which they apply. */
  let segments: Segment[] = [];

  const forget = (id: string): void => {
    const place = places.get(id);
    if (place === undefined) return;
    place.segment.live--;
    places.delete(id);
  };

  return {
    places: places as ReadonlyMap<string, Place<R>>,
    segments: (): readonly Segment[] => segments,
    forget,
    /** Takes a `forget` back. */
    restore: (place: Place<R>): void => {
      places.set(place.record.id, place);
      place.segment.live++;
    },
    /** Lays a segment over the others. */
    lay: (
      key: string,
      size: number,
      body: { readonly puts: readonly R[]; readonly removes: readonly string[] },
    ): void => {
      const segment: Segment = {
        key,
        size,
        puts: body.puts.map(({ id }) => id),
        removes: body.removes,
        live: 0,
      };
      for (const id of body.removes) forget(id);
      for (const record of body.puts) {
        forget(record.id);
        places.set(record.id, { record, segment });
        segment.live++;
      }
      segments.push(segment);
    },
    drop: (dropped: ReadonlySet<Segment>): void => {
      segments = segments.filter((segment) => !dropped.has(segment));
    },
    clear: (): void => {
      places.clear();
      segments = [];
    },
    size: (): number => segments.reduce((sum, { size }) => sum + size, 0),
  };
};

export type CacheIndex<R extends Identified> = ReturnType<typeof cacheIndex<R>>;

/** The removals that must be written again when these segments go: the others still hold an older copy to be hidden. */
export const neededRemoves = <R extends Identified>(
  index: CacheIndex<R>,
  going: ReadonlySet<Segment>,
  gone: Iterable<string>,
): string[] => {
  const candidates = new Set(gone);
  for (const segment of going) for (const id of segment.removes) candidates.add(id);
  for (const id of candidates) if (index.places.has(id)) candidates.delete(id);
  if (candidates.size === 0) return [];
  const hidden = new Set<string>();
  for (const segment of index.segments()) {
    if (going.has(segment)) continue;
    for (const id of segment.puts) if (candidates.has(id)) hidden.add(id);
  }
  return [...hidden];
};
