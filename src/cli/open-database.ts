import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../config.ts';
import { withoutPassword } from '../server/database/connection.ts';
import { checkDurability } from '../server/database/durability.ts';
import { attachOrStart } from '../server/database/embedded/start.ts';
import { isConnectionLost } from '../server/database/failure.ts';
import { migrate } from '../server/database/migrate.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../server/database/pool.ts';
import { CommandFailed, warn } from './command.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 1000;

/** A PostgreSQL that is there for us: the embedded one, or somebody's. */
export interface Source {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const tryConnect = async (url: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await client.end().catch(() => {});
  }
};

// Containers start together, and a database takes longer: only what waiting may mend is waited for.
const waitFor = async (url: string): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const failure = await tryConnect(url);
    if (failure === undefined) return;
    const reason = failure instanceof Error ? failure.message || failure.name : 'it does not answer';
    if (!isConnectionLost(failure) || Date.now() > deadline) {
      throw new CommandFailed(`PostgreSQL at ${withoutPassword(url)} cannot be used: ${reason}`);
    }
    warn(`waiting for PostgreSQL at ${withoutPassword(url)} (${reason})`);
    await sleep(PAUSE_MS);
  }
};

/** The PostgreSQL of DATABASE_URL, as soon as it answers. */
export const useDatabase = async (url: string): Promise<Source> => {
  await waitFor(url);
  return { url, stop: async () => {} };
};

/** Opens a database and makes it fit to work on: migrated, and refused where it may lose what it acknowledges. */
export const openReady = async (source: Source, options: DatabaseOptions = {}): Promise<Database> => {
  const database = openDatabase(source.url, options);
  try {
    await migrate(source.url);
    await checkDurability(database.app.outside);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
};

/** For commands beside a server; `close` leaves a PostgreSQL that a server holds running. */
export const openForCommand = async (config: Config): Promise<{ database: Database; close: () => Promise<void> }> => {
  const source =
    config.databaseUrl === undefined ? await attachOrStart(config.dataDir) : await useDatabase(config.databaseUrl);
  try {
    const database = await openReady(source);
    const close = async () => {
      await database.close();
      await source.stop();
    };
    return { database, close };
  } catch (error) {
    await source.stop();
    throw error;
  }
};
