import { join } from 'node:path';
import { rolldown, type OutputChunk, type Plugin } from 'rolldown';

/** What a phone should download of the SDK, gzipped. */
export const BAR_KB = 45;

const root = join(import.meta.dirname, '..');

/** Leaves the events and rules out that a phone gets by state. */
const leftOut: Plugin = {
  name: 'left-out',
  resolveId: {
    filter: { id: /\/(user|team|workspace|import|rate|quota|forecast|sharing)\.ts$/ },
    handler: async function (source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const isLeftOut = found && /\/shared\/(contract\/events|domain)\/[a-z]+\.ts$/.test(found.id);
      return isLeftOut ? join(root, 'src/client/left-out.ts') : found;
    },
  },
};

/**
 * The bundle that begins with a source file, named from the project's root, written where `file` says. Rolldown's
 * minifier, because gzip makes 2 KB less of its names than of esbuild's.
 */
export const bundleClient = async (entry: string, file?: string): Promise<OutputChunk> => {
  const bundle = await rolldown({
    input: join(root, entry),
    cwd: root,
    platform: 'neutral',
    external: ['react'],
    resolve: {
      mainFields: ['browser', 'module', 'main'],
      conditionNames: ['browser', 'import'],
      alias: { 'zod/mini': join(root, 'src/client/schema/index.ts') },
    },
    plugins: [leftOut],
    transform: { target: 'es2022' },
    // As package.json says of us, and our packages of themselves.
    treeshake: { moduleSideEffects: false },
  });
  const form = { format: 'esm', minify: true, comments: false, sourcemap: true } as const;
  const { output } = await (file === undefined ? bundle.generate(form) : bundle.write({ ...form, file }));
  await bundle.close();
  // What was not found, as node:* is in no phone, stays an import.
  const left = output[0].imports.filter((name) => name !== 'react');
  if (left.length > 0) throw new Error(`the SDK may not import ${left.join(', ')}`);
  return output[0];
};
