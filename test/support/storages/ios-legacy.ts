import type { PairStorage } from '../../../src/client/storage/async-storage.ts';
import { createFuse, type Fuse } from './fuse.ts';
import type { Model } from './machine.ts';

const INLINE_MAX = 1024;
const MANIFEST = 'manifest.json';

/** The process's side: the manifest is read at its start and rewritten as a whole at every change. */
const openProcess = (files: Map<string, string>, fuse: Fuse): PairStorage => {
  const manifest = new Map<string, string | null>(Object.entries(JSON.parse(files.get(MANIFEST) ?? '{}')));
  const writeFile = (name: string, text: string) => fuse.write(text.length, () => void files.set(name, text));
  const deleteFile = (name: string) => fuse.write(0, () => void files.delete(name));
  const writeManifest = () => writeFile(MANIFEST, JSON.stringify(Object.fromEntries(manifest)));
  const setOne = async (key: string, value: string): Promise<boolean> => {
    if (value.length <= INLINE_MAX) {
      // The file of a value that became short goes before the manifest holds the value.
      if (manifest.get(key) === null) await deleteFile(`file:${key}`);
      manifest.set(key, value);
      return true;
    }
    await writeFile(`file:${key}`, value);
    const isNews = manifest.get(key) !== null;
    manifest.set(key, null);
    return isNews;
  };
  const get = (key: string): string | null =>
    manifest.get(key) === null ? (files.get(`file:${key}`) ?? null) : (manifest.get(key) ?? null);
  const set = async (pairs: [string, string][]): Promise<void> => {
    let isChanged = false;
    for (const [key, value] of pairs) isChanged = (await setOne(key, value)) || isChanged;
    if (isChanged) await writeManifest();
  };
  const remove = async (keys: string[]): Promise<void> => {
    for (const key of keys) {
      if (manifest.get(key) === null) await deleteFile(`file:${key}`);
      manifest.delete(key);
    }
    await writeManifest();
  };
  return {
    getItem: (key) => fuse.read(() => get(key)),
    setItem: (key, value) => set([[key, value]]),
    removeItem: (key) => remove([key]),
    getAllKeys: () => fuse.read(() => [...manifest.keys()]),
    multiGet: (keys) => fuse.read(() => keys.map((key) => [key, get(key)] as const)),
    multiSet: set,
    multiRemove: remove,
  };
};

/** AsyncStorage 2 on iOS, after RNCAsyncStorage.mm: short values in one manifest, long ones in a file each, nothing atomic. */
export const iosLegacy: Model = {
  name: 'version 2 on iOS',
  create: async () => {
    const fuse = createFuse();
    const files = new Map<string, string>();
    return {
      fuse,
      platform: 'ios',
      start: async () => {
        fuse.reset();
        return openProcess(files, fuse);
      },
      dump: async () => [...files].map(([name, text]) => `${name}\n${text}`).join('\n'),
      tamper: async (change) => {
        const manifest = new Map<string, string | null>(Object.entries(JSON.parse(files.get(MANIFEST) ?? '{}')));
        for (const [key, inline] of manifest) {
          const before = inline ?? files.get(`file:${key}`) ?? '';
          const after = change(key, before);
          if (after === before) continue;
          files.delete(`file:${key}`);
          if (after === null) manifest.delete(key);
          else manifest.set(key, after);
        }
        files.set(MANIFEST, JSON.stringify(Object.fromEntries(manifest)));
      },
    };
  },
};
