import pg from 'pg';
import { expect, test } from 'vitest';
import { createWake } from '../../../src/server/log/wake.ts';
import { openTestDatabase } from '../../support/database.ts';

test('closing a wake that is still connecting ends at once', async () => {
  await using opened = await openTestDatabase();
  const { url, database } = opened;
  for (let round = 0; round < 5; round += 1) {
    const wake = createWake({
      pool: database.app,
      channel: 'leadzen_test',
      connect: () => new pg.Client({ connectionString: url }),
      onError: () => {},
    });
    const closed = wake.close().then(() => 'closed');
    const late = new Promise((resolve) => setTimeout(resolve, 5000, 'late'));
    expect(await Promise.race([closed, late])).toBe('closed');
  }
});
