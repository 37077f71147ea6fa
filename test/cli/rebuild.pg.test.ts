import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projections } from '../../projections/registry.ts';
import { ensureTables } from '../../src/server/projector/ensure-tables.ts';
import { startProjector } from '../../src/server/projector/run.ts';
import { appendRows, dumpReadModels, idOf, randomLog } from '../server/projector/log-rows.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { runLeadZen } from '../support/server-process.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test[Symbol.asyncDispose]());

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const run = (...args: string[]) => runLeadZen(['rebuild', ...args], { DATABASE_URL: test.url });

const projectAll = async (): Promise<void> => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const projector = await startProjector({ database: test.database, wake: { subscribe: () => () => {} }, log });
  await projector.idle();
  await projector.stop();
};

/** Starts a rebuild and kills it as soon as it says so much. */
const killAt = async (phase: string): Promise<void> => {
  const child = spawn(process.execPath, [MAIN, 'rebuild'], {
    env: { PATH: process.env['PATH'], DATABASE_URL: test.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (String(chunk).includes(phase)) child.kill('SIGKILL');
  });
  await once(child, 'close');
};

it('rebuilds all read models, or the one that is named, and says which', async () => {
  await appendRows(test.database.owner, idOf('workspace'), randomLog(27, 3));
  const all = await run();
  expect(all).toMatchObject({ code: 0 });
  expect(all.printed).toContain('rebuilt lead, lead_history, contact, company, deal,');
  expect(all.logged).toMatch(/folding .*\n(.*\n)*done/);
  const one = await run('sales_metrics');
  expect(one.printed).toContain('rebuilt deal, deal_stage_visit, deal_history, pipeline_board, sales_metrics');
});

it('fails with one line that names the event, and with usage where the read model does not exist', async () => {
  const [event] = randomLog(1, 3) as [ReturnType<typeof randomLog>[number]];
  const bad = { ...event, data: { ...event.data, amountMinor: 1.5, currency: 'EUR' } };
  await appendRows(test.database.owner, idOf('workspace'), [bad]);
  const failed = await run();
  expect(failed.code).toBe(1);
  expect(failed.logged.trim().split('\n').at(-1)).toContain(
    `stream ${event.stream.id} in workspace ${idOf('workspace')}`,
  );
  expect(await run('nonsense')).toMatchObject({ code: 2 });
});

it.each(['folding', 'indexing', 'catching up', 'swapping'])(
  'killed while %s, it leaves either the old tables or the new',
  async (phase) => {
    await ensureTables(test.database.projector, projections);
    await appendRows(test.database.owner, idOf('workspace'), randomLog(60, 61));
    await projectAll();
    const before = await dumpReadModels(test.database.projector);
    await killAt(phase);
    // What is equal byte by byte tells no old from new; that both are whole is the point.
    expect(await dumpReadModels(test.database.projector)).toEqual(before);
    await appendRows(test.database.owner, idOf('workspace'), randomLog(10, 67));
    await projectAll();
    expect(await run()).toMatchObject({ code: 0 });
  },
);
