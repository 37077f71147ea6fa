import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BAR_KB, bundleClient } from './client-bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const door = (name: string): Promise<unknown> => bundleClient(`src/client/${name}.ts`, join(dist, `${name}.js`));
await Promise.all([door('index'), door('react')]);
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'src/client/tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
// TypeScript writes declarations with the imports as they stand in the source, where consumers look for .js.
for (const file of readdirSync(join(dist, 'types'), { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.d.ts')) continue;
  const path = join(dist, 'types', file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replaceAll(/((?:from|import\()\s*['"]\.[^'"]+)\.ts(['"])/g, '$1.js$2'),
  );
}

const bytes = gzipSync(readFileSync(join(dist, 'index.js')), { level: 9 }).length;
const size = bytes / 1024;
process.stdout.write(
  `leadzen/client: ${size.toFixed(1)} KB gzipped (bar ${BAR_KB}) ${size <= BAR_KB ? '' : 'MISSED'}\n`,
);
if (size > BAR_KB) process.exitCode = 1;
