import { createHash } from 'node:crypto';
import { must } from '../../src/shared/base/assert.ts';
import type { Principal } from '../../src/server/access/principal.ts';
import { createAccess } from '../../src/server/access/access.ts';
import type { Database } from '../../src/server/database/pool.ts';
import { createImports, type ImportRequest, type Imports } from '../../src/server/import/imports.ts';
import type { ImportCounts, ImportJob, RowVerdict } from '../../src/server/import/jobs.ts';
import { parseMapping, type Mapping } from '../../src/server/import/mapping.ts';
import type { Push } from '../../src/server/sync/push.ts';
import { contentKey } from './workspace.ts';

export interface Imported {
  readonly job: ImportJob;
  readonly counts: ImportCounts;
  readonly verdicts: readonly RowVerdict[];
}

/** The mapping of an object as a file would hold it. */
export const mappingOf = (mapping: object): Mapping => {
  const parsed = parseMapping(JSON.stringify(mapping));
  if (!parsed.ok) throw new Error(parsed.error.join('\n'));
  return parsed.value;
};

export const newImports = (database: Database, push: Push): Imports =>
  createImports({
    pool: database.app,
    push,
    access: createAccess(database.log),
    contentKey,
    onError: (error) => {
      throw error;
    },
  });

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

/** Imports a file's content and waits for the end; the mistakes where nothing was begun. */
export const importCsv = async (
  imports: Imports,
  principal: Principal,
  content: string | Buffer,
  request: Partial<ImportRequest> & Pick<ImportRequest, 'type'>,
): Promise<Imported> => {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const whole = { fileName: 'file.csv', sha256, dryRun: false, pairs: [], ...request };
  const started = await imports.start(principal, whole, pieces(bytes));
  if (!started.ok) throw new Error(started.error.join('\n'));
  await started.value.ended;
  const job = must(await imports.job(principal, started.value.id), 'a job that was started exists');
  const verdicts = await imports.verdicts(principal, job.id, { after: 0, limit: 100_000 });
  return { job, counts: job.counts, verdicts };
};
