import type { Result } from '../../shared/base/result.ts';
import type { OutboxUnit, StorageFull } from './client-store.ts';
import type { Lane } from './lane.ts';
import type { SealedEntries } from './sealed-entries.ts';
import type { StoreKeys } from './store-keys.ts';
import { whenFull } from './when-full.ts';

/** Units written in one message: as many as wait while one is under way, within reason. */
const WRITE_AT_ONCE = 200;

export interface OutboxParts {
  readonly keys: StoreKeys;
  readonly entries: SealedEntries;
  readonly makeRoom: () => Promise<boolean>;
}

interface Waiting {
  readonly unit: OutboxUnit;
  readonly resolve: (result: Result<void, StorageFull>) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes units in the order in which they come, those that come while it writes in one message. */
export const appendQueue = (
  { keys, entries, makeRoom }: OutboxParts,
  lane: Lane,
  onWritten: (unit: OutboxUnit) => void,
) => {
  const waiting: Waiting[] = [];
  const entryOf = (unit: OutboxUnit) => [keys.unit(unit.seq), JSON.stringify(unit)] as const;

  const writeTogether = async (batch: readonly Waiting[]): Promise<boolean> => {
    const texts = batch.map(({ unit }) => entryOf(unit));
    try {
      await entries.put('outbox', texts);
    } catch {
      return false;
    }
    for (const { unit, resolve } of batch) {
      onWritten(unit);
      resolve({ ok: true, value: undefined });
    }
    return true;
  };

  const writeAlone = async ({ unit, resolve, reject }: Waiting): Promise<void> => {
    try {
      const result = await whenFull(() => entries.put('outbox', [entryOf(unit)]), makeRoom);
      // What was refused may be there in part, or even whole.
      if (result.ok) onWritten(unit);
      else await entries.remove([keys.unit(unit.seq)]);
      resolve(result);
    } catch (error) {
      reject(error);
    }
  };

  const writeWaiting = async (): Promise<void> => {
    const batch = waiting.splice(0, WRITE_AT_ONCE);
    if (batch.length > 1 && (await writeTogether(batch))) return;
    // Each by itself, under the same key again: so that one is refused for itself only.
    for (const one of batch) await writeAlone(one);
  };

  return (unit: OutboxUnit): Promise<Result<void, StorageFull>> =>
    new Promise((resolve, reject) => {
      waiting.push({ unit, resolve, reject });
      void lane(writeWaiting);
    });
};
