import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { withDatabase } from '../../src/server/database/connection.ts';
import { type Database, openDatabase } from '../../src/server/database/pool.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
}

const runOnServer = async (sql: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: inject('serverUrl'),
    connectionTimeoutMillis: 30_000,
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

const dispose = async (database: Database, name: string): Promise<void> => {
  await database.close();
  await runOnServer(`drop database if exists ${name} with (force)`);
};

/** A migrated database of its own for a test or a test file (about 90 ms); gone when disposed. */
export const openTestDatabase = async (): Promise<TestDatabase> => {
  const name = `leadzen_test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(`create database ${name} template ${inject('templateDatabase')} strategy file_copy`);
  const url = withDatabase(inject('serverUrl'), name);
  const database = openDatabase(url);
  return { url, database, [Symbol.asyncDispose]: () => dispose(database, name) };
};

/** An empty database, nothing migrated. */
export const openEmptyDatabase = async (): Promise<{ readonly url: string } & AsyncDisposable> => {
  const name = `leadzen_test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(`create database ${name}`);
  return {
    url: withDatabase(inject('serverUrl'), name),
    [Symbol.asyncDispose]: () => runOnServer(`drop database if exists ${name} with (force)`),
  };
};
