import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRest, type RestBench } from '../support/rest.ts';
import { runLeadZen } from '../support/server-process.ts';

let bench: RestBench;
let folder: string;
beforeAll(async () => {
  bench = await openRest();
  folder = await mkdtemp(join(tmpdir(), 'leadzen-export-'));
  await bench.ok(201, 'POST', '/api/companies', { name: '=Acme' });
  await bench.projector.idle();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await bench[Symbol.asyncDispose]();
});

const leadzen = (...args: readonly string[]) => runLeadZen(['export', ...args], { DATABASE_URL: bench.test.test.url });

test('leadzen export writes the same bytes as the route', async () => {
  const { payload } = await bench.call('GET', '/api/exports/companies.csv');
  expect(payload).toContain(`"'=Acme"`);
  expect(await leadzen('companies')).toMatchObject({ code: 0, printed: payload, logged: '' });
  const file = join(folder, 'companies.csv');
  expect(await leadzen('companies', '--out', file)).toMatchObject({ code: 0, printed: '' });
  expect(await readFile(file, 'utf8')).toBe(payload);
  expect(await readdir(folder)).toEqual(['companies.csv']);
});

test('leadzen export says what is wrong with a call, and leaves no file', async () => {
  expect(await leadzen('secrets')).toMatchObject({ code: 2, logged: expect.stringContaining('leads, contacts') });
  expect(await leadzen('deals', '--format', 'xml')).toMatchObject({ code: 2 });
  const nowhere = join(folder, 'missing', 'deals.csv');
  expect(await leadzen('deals', '--out', nowhere)).toMatchObject({
    code: 1,
    logged: expect.stringMatching(/^the file cannot be written: ENOENT/),
  });
});
