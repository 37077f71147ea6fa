import type { BuildOptions } from 'esbuild';
import { join } from 'node:path';

/** How the SDK is bundled. "neutral" knows neither Node nor browsers, so an import of node:* fails the build. */
export const clientBundle = {
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['browser', 'module', 'main'],
  conditions: ['browser', 'import'],
  target: 'es2022',
  external: ['react'],
  minify: true,
  legalComments: 'none',
  absWorkingDir: join(import.meta.dirname, '..'),
  alias: { 'zod/mini': './src/client/schema/index.ts' },
} as const satisfies BuildOptions;
