import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { withDatabase } from '../connection.ts';
import { chooseAccount, handOver } from './account.ts';
import { findBinaries } from './binaries.ts';
import { createDatabase, LOGIN } from './create-database.ts';
import { chooseEndpoint } from './endpoint.ts';
import { EmbeddedFailed } from './failure.ts';
import { clearHalfMade, type Folder, folderAt, hasDatabase, makeFolder, readPassword } from './folder.ts';
import { clearLeftovers } from './leftovers.ts';
import { FolderInUse, lockHolder, takeLock } from './lock.ts';
import { keepRunning } from './keep-running.ts';
import type { Start } from './run-server.ts';

/** A PostgreSQL of our own, for as long as this process lives. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Shuts it down, which ends its connections, and frees the folder. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Settings of PostgreSQL beside ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** PostgreSQL ended without being asked. It is started again; `fatal` when that failed. */
  readonly onCrash?: (message: string, fatal: boolean) => void;
}

const DATABASE = 'leadzen';
const ATTACH_PATIENCE_MS = 30_000;

const prepare = async (folder: Folder, settings: Readonly<Record<string, string>>) => {
  const isNew = !(await hasDatabase(folder));
  const account = await chooseAccount(folder.root, isNew);
  const binaries = await findBinaries(folder.libraries);
  const password = await readPassword(folder, isNew);
  await clearHalfMade(folder);
  if (isNew) await createDatabase(folder, account, binaries, password);
  else await clearLeftovers(folder.data);
  await mkdir(folder.sockets, { recursive: true, mode: 0o700 });
  await handOver(account, folder.sockets);
  const start: Start = {
    folder,
    account,
    binaries,
    endpoint: await chooseEndpoint(folder),
    settings,
  };
  return { start, password };
};

const ensureDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: withDatabase(url, 'postgres'),
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
};

const open = async (folder: Folder, options: EmbeddedOptions) => {
  const { start, password } = await prepare(folder, options.settings ?? {});
  const server = await keepRunning(start, options.onCrash ?? (() => {}));
  const url = start.endpoint.url(LOGIN, password, DATABASE);
  try {
    await ensureDatabase(url);
    await writeFile(folder.connection, JSON.stringify({ url }), { mode: 0o600 });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, server };
};

/**
 * Starts PostgreSQL on a data folder, which is made if it is not there, and recovers what a crash left. The process must
 * stay the only one: another on the same folder is refused.
 *
 * @throws FolderInUse, EmbeddedFailed with a message for the person who starts the server
 */
export const startEmbedded = async (dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> => {
  const folder = folderAt(dataDir);
  await makeFolder(folder);
  const lock = await takeLock(folder.lock, folder.root);
  try {
    const { url, server } = await open(folder, options);
    const stop = async () => {
      await rm(folder.connection, { force: true });
      try {
        await server.stop();
      } finally {
        await lock.release();
      }
    };
    return { url, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
};

const readConnection = async (folder: Folder): Promise<string | undefined> => {
  try {
    return (JSON.parse(await readFile(folder.connection, 'utf8')) as { url: string }).url;
  } catch {
    return undefined;
  }
};

const attach = async (folder: Folder, pid: number): Promise<EmbeddedPostgres | undefined> => {
  const deadline = Date.now() + ATTACH_PATIENCE_MS;
  while ((await lockHolder(folder.lock)) === pid) {
    const url = await readConnection(folder);
    if (url !== undefined) return { url, stop: async () => {} };
    if (Date.now() > deadline)
      throw new EmbeddedFailed(`the LeadZen with process id ${pid} does not get its database ready`);
    await sleep(100);
  }
  return undefined;
};

/**
 * For commands beside a server: the PostgreSQL that a running server holds, or one for the command's own duration.
 * Stopping an attached one leaves it running.
 */
export const attachOrStart = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const folder = folderAt(dataDir);
  for (;;) {
    try {
      return await startEmbedded(dataDir);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      const attached = await attach(folder, error.pid);
      if (attached !== undefined) return attached;
    }
  }
};
