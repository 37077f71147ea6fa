import pg from 'pg';
import { expect, test } from 'vitest';
import { checkDurability, DatabaseRefused } from '../../../src/server/database/durability.ts';
import { openDatabase } from '../../../src/server/database/pool.ts';
import type { Statements } from '../../../src/server/database/workspace-pool.ts';
import { openTestDatabase } from '../../support/database.ts';

/** Changes a setting of the whole test database, as an administrator would, and asks in the role that serves. */
const judged = async (value: string): Promise<unknown> => {
  await using opened = await openTestDatabase();
  const client = new pg.Client({ connectionString: opened.url });
  await client.connect();
  const name = new URL(opened.url).pathname.slice(1);
  await client.query(`alter database ${name} set synchronous_commit = '${value}'`);
  await client.end();
  const database = openDatabase(opened.url);
  const judgement = await checkDurability(database.app.outside).then(
    () => 'accepted',
    (error: unknown) => error,
  );
  await database.close();
  return judgement;
};

test.each(['on', 'remote_apply', 'remote_write', 'local'])('synchronous_commit = %s is accepted', async (value) => {
  expect(await judged(value)).toBe('accepted');
});

test('synchronous_commit = off for the sessions of the server is refused by name', async () => {
  const refusal = await judged('off');
  expect(refusal).toBeInstanceOf(DatabaseRefused);
  expect(String(refusal)).toMatch(/synchronous_commit = off/);
});

test.each([
  ['fsync', { fsync: 'off' }, /fsync = off/],
  ['full_page_writes', { full_page_writes: 'off' }, /full_page_writes = off/],
  ['an old version', { version: 140_012, version_text: '14.12' }, /14\.12 is too old/],
])('%s is refused', async (_name, changed, message) => {
  const sane = {
    version: 180_004,
    version_text: '18.4',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
  };
  // Only the answer is made up: no server of the tests may run without fsync.
  const statements = { query: async () => ({ rows: [{ ...sane, ...changed }] }) } as unknown as Statements;
  await expect(checkDurability(statements)).rejects.toThrow(message);
});
