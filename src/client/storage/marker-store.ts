import type { Result } from '../../shared/base/result.ts';
import type { OutboxParts } from './append-queue.ts';
import type { Acknowledgement, StorageFull } from './client-store.ts';
import type { Generation, Inventory } from './store-keys.ts';
import { whenFull } from './when-full.ts';

interface Marker<V> {
  /** The unit's first event: a marker counts for that unit only, whatever its number. */
  readonly of: string;
  readonly outcomes: readonly V[];
}

/** The units on disk, and the first event of those that open. */
interface KnownUnits {
  readonly has: (seq: number) => boolean;
  readonly first: (seq: number) => string | undefined;
}

/** Markers read at boot in one message over the bridge. */
const READ_AT_ONCE = 500;

/** How units ended, apart from the units; a later marker is written beside the one it replaces. */
export const markerStore = <V>({ keys, entries, makeRoom }: OutboxParts, units: KnownUnits) => {
  /** By seq: what is on disk, generations ascending. */
  const onDisk = new Map<number, readonly Generation[]>();
  const keysOf = (seqs: readonly number[]): string[] =>
    seqs.flatMap((seq) => onDisk.get(seq)?.map(({ key }) => key) ?? []);

  const read = async (): Promise<Acknowledgement<V>[]> => {
    const found = await entries.read('outbox', keysOf([...onDisk.keys()]), READ_AT_ONCE);
    return [...onDisk].flatMap(([seq, all]) => {
      const newest = all.findLast(({ key }) => found.get(key)?.ok === true);
      const entry = newest && found.get(newest.key);
      if (!entry?.ok) return [];
      const marker = entry.value as unknown as Marker<V>;
      return marker.of === units.first(seq) ? [{ seq, outcomes: marker.outcomes }] : [];
    });
  };

  return {
    has: (seq: number): boolean => onDisk.has(seq),
    /** Once the units are known. A marker whose unit is gone is what a crash left of a removal. */
    boot: async (markers: Inventory['markers']): Promise<Acknowledgement<V>[]> => {
      for (const [seq, all] of markers) if (units.has(seq)) onDisk.set(seq, all);
      const orphans = [...markers].filter(([seq]) => !units.has(seq));
      await entries.remove(orphans.flatMap(([, all]) => all.map(({ key }) => key)));
      return read();
    },
    acknowledge: async (acknowledgements: readonly Acknowledgement<V>[]): Promise<Result<void, StorageFull>> => {
      const fresh = acknowledgements.flatMap(({ seq, outcomes }) => {
        const of = units.first(seq);
        if (of === undefined) return [];
        const gen = (onDisk.get(seq)?.at(-1)?.gen ?? 0) + 1;
        const marker: Marker<V> = { of, outcomes };
        return [{ seq, gen, key: keys.marker(seq, gen), text: JSON.stringify(marker) }];
      });
      const texts = fresh.map(({ key, text }) => [key, text] as const);
      const written = await whenFull(() => entries.put('outbox', texts), makeRoom);
      if (!written.ok) {
        await entries.remove(fresh.map(({ key }) => key));
        return written;
      }
      const replaced = keysOf(fresh.map(({ seq }) => seq));
      for (const { seq, gen, key } of fresh) onDisk.set(seq, [...(onDisk.get(seq) ?? []), { key, gen }]);
      await entries.remove(replaced);
      for (const { seq, gen, key } of fresh) onDisk.set(seq, [{ key, gen }]);
      return written;
    },
    remove: async (seqs: readonly number[]): Promise<void> => {
      await entries.remove(keysOf(seqs));
      for (const seq of seqs) onDisk.delete(seq);
    },
  };
};
