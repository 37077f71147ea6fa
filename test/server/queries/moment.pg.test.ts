import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { positionAt } from '../../../src/server/queries/moment.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { foundWorkspace, proposed, type Bench } from '../../support/workspace.ts';

let open: TestDatabase;
let bench: Bench;

beforeAll(async () => {
  open = await openTestDatabase();
  bench = await foundWorkspace(open.database);
  for (let count = 0; count < 40; count += 1) {
    const events = Array.from({ length: 1 + (count % 3) }, () =>
      proposed(bench.principal, 'LeadCreated', uuidv7(), { name: 'Lead' }),
    );
    await bench.push.events(bench.principal, events);
  }
});
afterAll(() => open[Symbol.asyncDispose]());

const runner = () => open.database.app.for(bench.principal.workspaceId);
const at = (time: string): Promise<number> => positionAt(runner(), bench.principal.workspaceId, { time });

test('a time is the position of the last event recorded strictly before it', async () => {
  const { rows } = await open.database.owner.query<{ position: number; time: string }>(
    'select position, recorded_at as time from event where workspace_id = $1 order by position',
    [bench.principal.workspaceId],
  );
  expect(new Set(rows.map(({ time }) => time)).size).toBeGreaterThan(10);
  for (const { time } of rows) {
    expect(await at(time)).toBe(rows.findLast((row) => row.time < time)?.position ?? 0);
  }
  expect(await at('2000-01-01T00:00:00Z')).toBe(0);
  expect(await at(new Date().toISOString())).toBe(rows.at(-1)?.position);
});

test('what has not come yet is refused', async () => {
  await expect(at('2999-01-01T00:00:00Z')).rejects.toMatchObject({
    body: { code: 'invalid_request', errors: [{ path: 'asOf' }] },
  });
  await expect(positionAt(runner(), bench.principal.workspaceId, { position: 10_000 })).rejects.toMatchObject({
    body: { status: 400 },
  });
});

test('a time of just now waits for the append that is in flight', async () => {
  const { owner } = open.database;
  const { workspaceId } = bench.principal;
  const client = await owner.connect();
  await client.query('begin');
  await client.query('select from workspace where workspace_id = $1 for update', [workspaceId]);
  let answered = false;
  const asked = positionAt(runner(), workspaceId, { time: new Date().toISOString() }).finally(() => {
    answered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answered).toBe(false);
  await client.query('rollback');
  client.release();
  expect(await asked).toBeGreaterThan(0);
});
