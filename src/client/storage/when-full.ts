import { err, ok, type Result } from '../../shared/base/result.ts';
import type { StorageFull } from './client-store.ts';

// Each platform says it in its own words: localStorage and IndexedDB (quota), SQLite and its cap of 6 MB (full), iOS (space).
const FULL = /quota|\bfull\b|no space|out of space|not enough space|ENOSPC/i;

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name} ${error.message} ${textOf(error.cause)}` : '';

export const isFull = (error: unknown): boolean => FULL.test(textOf(error));

const REFUSAL: StorageFull = {
  code: 'storage_full',
  message: 'this device has no room left: free some space, or sync so that what is confirmed can go, and try again',
};

/** Writes, makes room where there is none, and writes again, until there is none to be made. */
export const whenFull = async (
  write: () => Promise<unknown>,
  makeRoom: () => Promise<boolean>,
): Promise<Result<void, StorageFull>> => {
  for (;;) {
    try {
      await write();
      return ok(undefined);
    } catch (error) {
      if (!isFull(error)) throw error;
      if (!(await makeRoom())) return err(REFUSAL);
    }
  }
};
