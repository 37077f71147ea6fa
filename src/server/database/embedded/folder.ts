import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedFailed } from './failure.ts';

/** Where things are in the data folder. */
export interface Folder {
  readonly root: string;
  /** PostgreSQL's own data. */
  readonly data: string;
  readonly lock: string;
  /** Url for commands that attach; only its owner may read it. */
  readonly connection: string;
  readonly password: string;
  readonly log: string;
  readonly sockets: string;
  readonly libraries: string;
}

const LOG_MAX_BYTES = 10 * 1024 * 1024;

export const folderAt = (path: string): Folder => {
  const root = resolve(path);
  return {
    root,
    data: join(root, 'postgres'),
    lock: join(root, 'lock'),
    connection: join(root, 'postgres.json'),
    password: join(root, 'postgres.password'),
    log: join(root, 'postgres.log'),
    sockets: join(root, 'run'),
    libraries: join(root, 'lib'),
  };
};

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

// `lost+found` is what a volume of its own begins with.
const isOurs = (names: readonly string[]): boolean =>
  names.some((name) => name.startsWith('postgres') || name === 'lock') || names.every((name) => name === 'lost+found');

/** Makes the folder, which only its owner may enter; one that holds somebody's other files is not closed to others. */
export const makeFolder = async (folder: Folder): Promise<void> => {
  try {
    await mkdir(folder.root, { recursive: true, mode: 0o700 });
    if (!isOurs(await readdir(folder.root))) {
      throw new Error('it holds other files, and LeadZen wants a folder of its own: set LEADZEN_DATA_DIR');
    }
    await chmod(folder.root, 0o700);
  } catch (error) {
    throw new EmbeddedFailed(
      `the data folder ${folder.root} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
};

const isEmpty = async (path: string): Promise<boolean> => (await readdir(path)).length === 0;

/**
 * Whether there is a database. Ours appear at once, by a rename; a folder that somebody began and that holds none is
 * moved aside, never deleted, and one that may hold data we cannot use is refused.
 */
export const hasDatabase = async ({ data }: Folder): Promise<boolean> => {
  if (!(await exists(data))) return false;
  const [version, control] = await Promise.all([
    exists(join(data, 'PG_VERSION')),
    exists(join(data, 'global/pg_control')),
  ]);
  if (version && control) return true;
  if (control) throw new EmbeddedFailed(`${data} has lost its PG_VERSION: restore it from a backup, or move it away`);
  if (await isEmpty(data)) await rm(data, { recursive: true });
  else await rename(data, `${data}.incomplete-${Date.now()}`);
  return false;
};

/** Removes what an initdb that was killed left behind; one that still dies may write there, then a later start does. */
export const clearHalfMade = async ({ root }: Folder): Promise<void> => {
  const halves = (await readdir(root)).filter((name) => name.startsWith('postgres.new-'));
  for (const name of halves) {
    await rm(join(root, name), { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
  }
};

/** The database superuser's password: random, made once, readable by the owner of the folder only. */
export const readPassword = async ({ password }: Folder, isNew: boolean): Promise<string> => {
  const known = (await readFile(password, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  if (!isNew)
    throw new EmbeddedFailed(`${password} is missing, and the database cannot be opened without it: restore it`);
  const made = randomBytes(24).toString('base64url');
  await writeFile(password, made, { mode: 0o600, flush: true });
  return made;
};

/** Makes a rename in a folder survive a power failure. */
export const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The log of PostgreSQL itself, open for appending; an old one of more than 10 MiB is kept once. */
export const openLog = async ({ log }: Folder) => {
  const handle = await open(log, 'a', 0o600);
  if ((await handle.stat()).size <= LOG_MAX_BYTES) return handle;
  await handle.close();
  await rename(log, `${log}.1`);
  return open(log, 'a', 0o600);
};
