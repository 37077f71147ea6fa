// A child process: rebuilds every projection, so that its memory is the rebuild's alone.
import { text } from 'node:stream/consumers';
import { openDatabase } from '../../src/server/database/pool.ts';
import { THREADS } from '../../src/server/projector/fold-ranges.ts';
import { rebuild } from '../../src/server/projector/rebuild.ts';
import { projections } from '../../projections/registry.ts';

export interface RebuildResult {
  readonly seconds: number;
  readonly peakBytes: number;
}

if (import.meta.main) {
  const { url } = JSON.parse(await text(process.stdin)) as { readonly url: string };
  const database = openDatabase(url);
  const begun = performance.now();
  await rebuild(database.projector, projections, { threads: THREADS });
  const seconds = (performance.now() - begun) / 1000;
  await database.close();
  // Kilobytes on Linux and macOS as Node reports them.
  const result: RebuildResult = { seconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.stdout.write(JSON.stringify(result));
}
