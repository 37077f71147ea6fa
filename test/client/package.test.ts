import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BAR_KB, bundleClient } from '../../scripts/client-bundle.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('the SDK is bundled from itself and the shared rules alone, without Node or a browser', async () => {
  const { code, moduleIds } = await bundleClient('src/client/index.ts');
  const foreign = moduleIds.map((id) => relative(root, id)).filter((input) => !/^src\/(client|shared)\//.test(input));
  expect(foreign).toEqual([]);
  expect(gzipSync(code, { level: 9 }).length / 1024).toBeLessThanOrEqual(BAR_KB);
});

test('the doors of the package open for every consumer, types included', { timeout: 120_000 }, async () => {
  const tool = (name: string): string => join(root, 'node_modules/.bin', name);
  await run(process.execPath, [join(root, 'scripts/build-client.ts')], { cwd: root });
  // Both exit with 1 where something is wrong.
  const lint = await run(tool('publint'), ['--strict'], { cwd: root });
  expect(lint.stdout).toContain('All good!');
  const types = await run(tool('attw'), ['--pack', '.', '--profile', 'esm-only'], { cwd: root });
  expect(types.stdout).toContain('leadzen/react');
});
