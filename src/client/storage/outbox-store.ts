import { appendQueue, type OutboxParts } from './append-queue.ts';
import type { Result } from '../../shared/base/result.ts';
import type { Acknowledgement, Damage, OutboxUnit, StorageFull } from './client-store.ts';
import { heldStreams } from './held-streams.ts';
import { createLane } from './lane.ts';
import { markerStore } from './marker-store.ts';
import type { Inventory } from './store-keys.ts';

/** Units read at boot in one message over the bridge. */
const READ_AT_ONCE = 500;

export interface BootedOutbox<V> {
  readonly units: readonly OutboxUnit[];
  readonly acknowledgements: readonly Acknowledgement<V>[];
  readonly nextSeq: number;
  readonly damage: readonly Damage[];
}

/** What one user did and the server has not sent back yet. */
export const outboxStore = <V>(parts: OutboxParts) => {
  const { keys, entries } = parts;
  const lane = createLane();
  /** What is known of each unit on disk; of one that does not open, that there is at least one event. */
  const units = new Map<number, { readonly first: string | undefined; readonly events: number }>();
  const know = ({ seq, events }: OutboxUnit): void => {
    units.set(seq, { first: events[0]?.id, events: events.length });
  };
  const held = heldStreams();
  const write = appendQueue(parts, lane, know);
  const markers = markerStore<V>(parts, { has: (seq) => units.has(seq), first: (seq) => units.get(seq)?.first });

  const readUnits = async (inventory: Inventory): Promise<Pick<BootedOutbox<V>, 'units' | 'damage'>> => {
    const read = await entries.read('outbox', [...inventory.units.values()], READ_AT_ONCE);
    const damage: Damage[] = [];
    const found: OutboxUnit[] = [];
    for (const [seq, key] of inventory.units) {
      const entry = read.get(key);
      if (entry === undefined) continue;
      if (entry.ok) found.push(entry.value as unknown as OutboxUnit);
      else {
        damage.push({ area: 'outbox', reason: entry.reason, key, seq });
        units.set(seq, { first: undefined, events: 1 });
      }
    }
    for (const unit of found) {
      know(unit);
      held.hold(unit);
    }
    // iOS may be interrupted between the file of a key and its name: that is a removal, and here it is finished.
    await entries.remove([...inventory.units.values()].filter((key) => !read.has(key)));
    return { units: found, damage };
  };

  return {
    boot: async (inventory: Inventory): Promise<BootedOutbox<V>> => {
      const read = await readUnits(inventory);
      const acknowledgements = await markers.boot(inventory.markers);
      const last = [...inventory.units.keys(), ...inventory.markers.keys()].reduce((a, b) => Math.max(a, b), 0);
      return { ...read, acknowledgements, nextSeq: last + 1 };
    },
    append: async (unit: OutboxUnit): Promise<Result<void, StorageFull>> => {
      // Before it is written: the room that is made for an edit must not be its own record's.
      held.hold(unit);
      try {
        const result = await write(unit);
        if (!result.ok) held.release(unit.seq);
        return result;
      } catch (error) {
        held.release(unit.seq);
        throw error;
      }
    },
    acknowledge: (acknowledgements: readonly Acknowledgement<V>[]) => lane(() => markers.acknowledge(acknowledgements)),
    /** Unit first: a marker without a unit says nothing, a unit without its marker would be sent again. */
    remove: (seqs: readonly number[]): Promise<void> =>
      lane(async () => {
        await entries.remove(seqs.map(keys.unit));
        await markers.remove(seqs);
        for (const seq of seqs) {
          units.delete(seq);
          held.release(seq);
        }
      }),
    isAbout: held.has,
    /** Events that nobody has acknowledged. */
    unsent: (): number => [...units].reduce((sum, [seq, { events }]) => sum + (markers.has(seq) ? 0 : events), 0),
    idle: () => lane(async () => undefined),
  };
};
