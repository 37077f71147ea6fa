import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccessTokens } from '../../../src/server/auth/access-tokens.ts';
import { loadKeys } from '../../../src/server/auth/keys.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened[Symbol.asyncDispose]());

const ID = '01970000-0000-7000-8000-000000000001';

test('servers that boot at once make one set of keys', async () => {
  const pool = opened.database.app;
  const all = await Promise.all(Array.from({ length: 8 }, () => loadKeys(pool)));
  const signers = await Promise.all(all.map((keys) => keys.signing.signer()));
  expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
  expect(
    new Set(
      all.flatMap(({ refreshKey, cursorKey, contentKey }) =>
        [refreshKey, cursorKey, contentKey].map((key) => key.toString('hex')),
      ),
    ).size,
  ).toBe(3);
  const [one, other] = all;
  const token = await createAccessTokens(one as (typeof all)[0], Date.now).issue({
    workspaceId: ID,
    userId: ID,
    sessionId: ID,
    deviceId: ID,
    refreshCounter: 1,
  });
  await expect(createAccessTokens(other as (typeof all)[0], Date.now).verify(token)).resolves.toMatchObject({
    userId: ID,
  });
});

test('a server cannot change or delete keys', async () => {
  await loadKeys(opened.database.app);
  await expect(opened.database.app.outside.query('delete from signing_key')).rejects.toThrow(/permission denied/);
  await expect(opened.database.app.outside.query("update signing_key set secret = ''")).rejects.toThrow(
    /permission denied/,
  );
});
