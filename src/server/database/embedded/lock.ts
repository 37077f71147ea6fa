import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { EmbeddedFailed } from './failure.ts';
import { processStart } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly start: string;
}

/** Another LeadZen works on the folder. */
export class FolderInUse extends EmbeddedFailed {
  readonly pid: number;
  constructor(pid: number, folder: string) {
    super(
      `${folder} is in use by the LeadZen with process id ${pid}: stop it first, or set LEADZEN_DATA_DIR to another folder`,
    );
    this.pid = pid;
  }
}

const ATTEMPTS = 5;

const readHolder = async (path: string): Promise<Holder | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
};

/** The process that holds the lock, if it lives. */
export const lockHolder = async (path: string): Promise<number | undefined> => {
  const holder = await readHolder(path);
  if (holder === undefined || (await processStart(holder.pid)) !== holder.start) return undefined;
  return holder.pid;
};

// The file appears with its content or not at all, and only one of several processes makes it appear.
const tryCreate = async (path: string, content: string): Promise<boolean> => {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
};

// Renamed first, so that of several processes only one removes it. PostgreSQL's own lock stands behind this one.
const removeStale = async (path: string): Promise<void> => {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  await rm(aside, { force: true });
};

/**
 * Takes the folder for this process. A lock whose process is gone, by kill -9 for example, counts for nothing.
 *
 * @throws FolderInUse naming the process that holds it
 */
export const takeLock = async (path: string, folder: string): Promise<{ release(): Promise<void> }> => {
  const content = JSON.stringify({ pid: process.pid, start: await processStart(process.pid) });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await tryCreate(path, content)) {
      return { release: () => rm(path, { force: true }) };
    }
    const holder = await lockHolder(path);
    if (holder !== undefined) throw new FolderInUse(holder, folder);
    await removeStale(path);
  }
  throw new EmbeddedFailed(`${path} keeps changing: several LeadZen are starting on ${folder} at once`);
};
