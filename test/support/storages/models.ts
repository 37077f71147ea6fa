import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAsyncStorage } from '@react-native-async-storage/async-storage/jest';
import type { ManyStorage } from '../../../src/client/storage/async-storage.ts';
import { androidLegacy } from './android-legacy.ts';
import { fileStorage } from './file-storage.ts';
import { iosLegacy } from './ios-legacy.ts';
import { fused, fusedMany, machineOver, tornMany, type Model } from './machine.ts';

let databases = 0;
const freshStorage = (): ManyStorage => createAsyncStorage(`machine-${databases++}`);

const scoped: Model = {
  name: 'version 3, scoped, in memory',
  create: async () => {
    const storage = freshStorage();
    return machineOver(storage, (fuse) => () => fusedMany(storage, fuse));
  },
};

const torn: Model = {
  name: 'version 3, default export, torn anywhere',
  create: async () => {
    const storage = freshStorage();
    return machineOver(storage, (fuse) => tornMany(storage, fuse));
  },
};

const files: Model = {
  name: 'files, one item a call',
  create: async () => {
    const storage = fileStorage(await mkdtemp(join(tmpdir(), 'leadzen-store-')));
    return machineOver(storage, (fuse) => fused(storage, fuse));
  },
};

/** Every storage that runs in Node; the browser's run in Chromium. */
export const models: readonly Model[] = [scoped, torn, files, iosLegacy, androidLegacy];
