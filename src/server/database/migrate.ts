import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { withSettings } from './connection.ts';
import { prepareRoles } from './roles.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** The database and the code do not fit together; the message says what to do. */
export class MigrationRefused extends Error {}

const FOLDER = join(import.meta.dirname, '../../../migrations');
const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;
// Any number that no other user of the same database takes by accident.
const ADVISORY_LOCK = 5_323_399_203;
const LOCK_TIMEOUT = '120s';

const readMigrations = async (folder: string): Promise<Migration[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const parts = FILE_NAME.exec(file);
      if (parts === null) throw new MigrationRefused(`migrations/${file} is not named NNNN_noun.sql`);
      const sql = await readFile(join(folder, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { version: Number(parts[1]), name: parts[2] ?? '', sql, checksum };
    }),
  );
};

const TABLE = `
  set role leadzen_owner;
  create table if not exists schema_migration (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  );
  grant select on schema_migration to leadzen_app, leadzen_projector;
  reset role;`;

const labelOf = ({ version, name }: Pick<Applied, 'version' | 'name'>): string =>
  `${String(version).padStart(4, '0')}_${name}`;

const refuseMisfits = (known: readonly Migration[], applied: readonly Applied[]): void => {
  const newest = Math.max(0, ...known.map((file) => file.version));
  const last = applied.at(-1);
  if (last !== undefined && last.version > newest) {
    throw new MigrationRefused(
      `the database has migration ${labelOf(last)}, newer than this LeadZen: start a newer LeadZen`,
    );
  }
  const checksums = new Map(known.map((file) => [file.version, file.checksum]));
  const changed = applied.find((row) => checksums.get(row.version) !== row.checksum);
  if (changed !== undefined) {
    throw new MigrationRefused(
      `migration ${labelOf(changed)} was changed after this database applied it; add a new file instead`,
    );
  }
  const versions = new Set(applied.map((row) => row.version));
  const skipped = known.find((file) => file.version < (last?.version ?? 0) && !versions.has(file.version));
  if (skipped !== undefined) {
    throw new MigrationRefused(
      `migration ${labelOf(skipped)} has a lower number than ${labelOf(last ?? skipped)}, which this database has: renumber it`,
    );
  }
};

const apply = async (client: pg.Client, migration: Migration): Promise<void> => {
  await client.query('begin; set local role leadzen_owner');
  try {
    await client.query(migration.sql);
    const row = [migration.version, migration.name, migration.checksum];
    await client.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', row);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${labelOf(migration)} failed: ${String(error)}`, {
      cause: error,
    });
  }
};

const migrateUnderLock = async (client: pg.Client, folder: string): Promise<{ applied: string[] }> => {
  await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
  const known = await readMigrations(folder);
  await prepareRoles(client);
  await client.query(TABLE);
  const done = await client.query<Applied>('select version, name, checksum from schema_migration order by version');
  refuseMisfits(known, done.rows);
  const last = done.rows.at(-1)?.version ?? 0;
  const missing = known.filter((migration) => migration.version > last);
  for (const migration of missing) await apply(client, migration);
  return { applied: missing.map((migration) => migration.name) };
};

/**
 * Brings a database forward to what this code needs: roles, schemas and the files of `migrations/`, each in a
 * transaction of its own, in the role leadzen_owner. Any number of servers may call it at once.
 *
 * @throws MigrationRefused where the database is newer than the code or an applied file was changed
 */
export const migrate = async (url: string, folder = FOLDER): Promise<{ applied: string[] }> => {
  const client = new pg.Client({
    connectionString: withSettings(url, {
      lock_timeout: LOCK_TIMEOUT,
      client_min_messages: 'warning',
    }),
    application_name: 'leadzen_migrate',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await migrateUnderLock(client, folder);
  } finally {
    await client.end();
  }
};
