import { mkdirSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PerItemStorage } from '../../../src/client/storage/async-storage.ts';

const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';

/** AsyncStorage in a folder: one file a key. Survives the death of its process, not that of the machine: nothing is flushed. */
export const fileStorage = (folder: string): PerItemStorage => {
  mkdirSync(folder, { recursive: true });
  const pathOf = (key: string): string => join(folder, encodeURIComponent(key));
  let temporary = 0;
  return {
    getItem: async (key) => {
      try {
        return await readFile(pathOf(key), 'utf8');
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    setItem: async (key, value) => {
      const draft = join(folder, `%draft-${process.pid}-${temporary++}`);
      await writeFile(draft, value);
      await rename(draft, pathOf(key));
    },
    removeItem: (key) => rm(pathOf(key), { force: true }),
    getAllKeys: async () =>
      (await readdir(folder)).filter((name) => !name.startsWith('%draft-')).map((name) => decodeURIComponent(name)),
  };
};
