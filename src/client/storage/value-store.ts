import { ok } from '../../shared/base/result.ts';
import type { Vault } from '../vault/vault.ts';
import type { Damage, ValueArea, Values } from './client-store.ts';
import { createLane } from './lane.ts';
import type { SealedEntries } from './sealed-entries.ts';
import type { Generation, Inventory, StoreKeys } from './store-keys.ts';
import { whenFull } from './when-full.ts';

interface Stored {
  readonly area: ValueArea;
  readonly name: string;
  readonly value: unknown;
}

export interface ValueParts {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
  readonly vault: Vault;
  readonly makeRoom: () => Promise<boolean>;
}

/**
 * Drafts, settings and what the client remembers of itself. Names are as private as values, so a key carries a keyed
 * hash of its name. A new value is written beside the old one, under the next generation.
 */
export const valueStore = ({ keys, entries, vault, makeRoom }: ValueParts) => {
  const lane = createLane();
  const held = new Map<string, Stored>();
  /** By label: what is on disk, generations ascending. */
  const onDisk = new Map<string, readonly Generation[]>();
  const labelOf = (area: ValueArea, name: string): Promise<string> => vault.label(`${area}/${name}`);

  /** The newest generation that opens counts; those before it are what a crash left. */
  const bootOne = async (label: string, all: readonly Generation[]): Promise<Damage[]> => {
    const read = await entries.read(
      'value',
      all.map(({ key }) => key),
    );
    const damage = all.flatMap(({ key }): Damage[] => {
      const entry = read.get(key);
      return entry === undefined || entry.ok ? [] : [{ area: 'value', reason: entry.reason, key }];
    });
    const newest = all.findLast(({ key }) => read.get(key)?.ok === true);
    const entry = newest && read.get(newest.key);
    if (newest && entry?.ok) held.set(label, entry.value as unknown as Stored);
    // A key without a value is a removal that iOS was interrupted in.
    const stale = all.filter(({ key, gen }) => !read.has(key) || (newest !== undefined && gen < newest.gen));
    await entries.remove(stale.map(({ key }) => key));
    onDisk.set(
      label,
      all.filter((one) => !stale.includes(one)),
    );
    return damage;
  };

  const values: Values = {
    get: async (area, name) => held.get(await labelOf(area, name))?.value,
    list: async (area) =>
      new Map([...held.values()].filter((one) => one.area === area).map(({ name, value }) => [name, value])),
    set: (area, name, value) =>
      lane(async () => {
        const label = await labelOf(area, name);
        const before = onDisk.get(label) ?? [];
        const gen = (before.at(-1)?.gen ?? 0) + 1;
        const key = keys.value(label, gen);
        const stored: Stored = { area, name, value };
        const written = await whenFull(() => entries.put('value', [[key, JSON.stringify(stored)]]), makeRoom);
        if (!written.ok) {
          await entries.remove([key]);
          return written;
        }
        held.set(label, stored);
        onDisk.set(label, [...before, { key, gen }]);
        await entries.remove(before.map((one) => one.key));
        onDisk.set(label, [{ key, gen }]);
        return ok(undefined);
      }),
    remove: (area, name) =>
      lane(async () => {
        const label = await labelOf(area, name);
        // Oldest first: a crash in between leaves the newest, never an older one.
        await entries.remove(onDisk.get(label)?.map(({ key }) => key) ?? []);
        held.delete(label);
        onDisk.delete(label);
      }),
  };
  return {
    values,
    boot: async (inventory: Inventory): Promise<Damage[]> => {
      const damage: Damage[] = [];
      for (const [label, all] of inventory.values) damage.push(...(await bootOne(label, all)));
      return damage;
    },
    idle: () => lane(async () => undefined),
  };
};
