import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTransitFolder } from '../../../src/server/columns/transit-folder.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'leadzen-transit-'));
});
afterEach(() => rm(parent, { recursive: true }));

test('the folder is for this user alone', async () => {
  const folder = await makeTransitFolder(parent);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('what a killed process left behind is removed, and nothing else', async () => {
  const { pid: dead } = spawnSync('true');
  for (const name of [
    `leadzen-columns-${dead}-abc`,
    `leadzen-columns-${process.pid}-abc`,
    'leadzen-columns-x',
    'other',
  ]) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'rows.csv'), '1');
  }
  const made = await makeTransitFolder(parent);
  expect((await readdir(parent)).toSorted((a, b) => a.localeCompare(b))).toEqual(
    [`leadzen-columns-${process.pid}-abc`, made.slice(parent.length + 1), 'leadzen-columns-x', 'other'].toSorted(
      (a, b) => a.localeCompare(b),
    ),
  );
});
