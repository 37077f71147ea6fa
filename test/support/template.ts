import { randomUUID } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import pg from 'pg';
import { withDatabase } from '../../src/server/database/connection.ts';
import { migrate } from '../../src/server/database/migrate.ts';
import { startTestServer } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a login that may create databases. */
    serverUrl: string;
    /** Name of the migrated database that every test database is a copy of. */
    templateDatabase: string;
  }
}

const runOn = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

/** Runs once before the tests that use PostgreSQL. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startTestServer();
  const template = `leadzen_template_${randomUUID().slice(0, 8)}`;
  await runOn(server.url, `create database ${template}`);
  await migrate(withDatabase(server.url, template));
  project.provide('serverUrl', server.url);
  project.provide('templateDatabase', template);
  return async () => {
    await runOn(server.url, `drop database ${template} with (force)`);
    await server.stop();
  };
};
