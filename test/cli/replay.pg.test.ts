import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRest, type RestBench } from '../support/rest.ts';
import { runLeadZen } from '../support/server-process.ts';

let bench: RestBench;
beforeAll(async () => {
  bench = await openRest();
  await bench.ok(201, 'POST', '/api/companies', { name: 'Acme' });
  await bench.projector.idle();
});
afterAll(() => bench[Symbol.asyncDispose]());

const leadzen = (...args: readonly string[]) => runLeadZen(['replay', ...args], { DATABASE_URL: bench.test.test.url });

test('leadzen replay builds a moment, lists it, says what differs since, and drops it', async () => {
  const { rows } = await bench.test.test.database.owner.query<{ head: number }>('select head from workspace');
  const head = rows[0]?.head ?? 0;
  const built = await leadzen('--to', String(head));
  expect(built).toMatchObject({ code: 0, logged: '' });
  expect(built.printed).toContain(`built as_of_position_${head} as of position ${head} (`);
  expect((await leadzen('--to', new Date().toISOString(), '--schema', 'as_of_now')).printed).toContain(
    'built as_of_now',
  );
  const listed = (await leadzen('--list')).printed.trim().split('\n');
  expect(listed).toHaveLength(2);
  const [one = '', two = ''] = listed.map((line) => /sha256 (\w{64})$/.exec(line)?.[1]);
  expect(one).toBe(two);

  const made = await bench.ok(201, 'POST', '/api/leads', { name: 'Ada' });
  await bench.projector.idle();
  expect((await leadzen('--diff')).logged).toMatch(/name one of these by --schema/);
  const told = await leadzen('--diff', '--schema', 'as_of_now');
  expect(told.printed).toContain(`lead: 1 added, 0 removed, 0 changed\n  added   ${made['id']}\n`);
  const json = await leadzen('--diff', '--schema', 'as_of_now', '--json');
  expect(JSON.parse(json.printed)).toMatchObject({
    schema: 'as_of_now',
    position: head,
    tables: [{ table: 'lead' }, { table: 'lead_history' }],
  });

  expect(await leadzen('--drop', 'as_of_now')).toMatchObject({ code: 0, printed: 'dropped as_of_now\n' });
  expect((await leadzen('--list')).printed).not.toContain('as_of_now');
});

test('leadzen replay says what is wrong with a call', async () => {
  expect(await leadzen()).toMatchObject({ code: 2 });
  expect(await leadzen('--to', 'yesterday')).toMatchObject({ code: 2, logged: expect.stringContaining('2026-01-31') });
  expect(await leadzen('--to', '2999-01-01')).toMatchObject({
    code: 1,
    logged: expect.stringContaining('not come yet'),
  });
  expect(await leadzen('--to', '999999')).toMatchObject({
    code: 1,
    logged: expect.stringContaining('ends at position'),
  });
  expect(await leadzen('--to', '1', '--workspace', 'nowhere')).toMatchObject({
    code: 2,
    logged: expect.stringContaining('there is no workspace "nowhere"'),
  });
  expect(await leadzen('--drop', 'crm')).toMatchObject({ code: 2, logged: expect.stringContaining('has no crm') });
});
