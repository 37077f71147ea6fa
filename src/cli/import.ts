import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { csvCell } from '../shared/base/csv-cell.ts';
import { loadKeys } from '../server/auth/keys.ts';
import { createImports, type Imports } from '../server/import/imports.ts';
import { DELIMITERS, type Delimiter } from '../server/import/csv-rows.ts';
import type { ImportJob, RowVerdict } from '../server/import/jobs.ts';
import { parseMapping, type Mapping } from '../server/import/mapping.ts';
import { IMPORT_TYPES, type ImportType } from '../server/import/targets.ts';
import type { Wake } from '../server/log/wake.ts';
import { createAccess } from '../server/access/access.ts';
import { createPush } from '../server/sync/push.ts';
import type { Database } from '../server/database/pool.ts';
import type { Principal } from '../server/access/principal.ts';
import { openCommandWake } from './command-wake.ts';
import { CommandFailed, say, UsageError, warn, type Command, type ExitCode } from './command.ts';
import { openForCommand } from './open-database.ts';
import { createProgress } from './progress.ts';
import { findPrincipal } from './find-principal.ts';

const USAGE = `leadzen import <file.csv> --type <type> [options]

Imports a CSV file with a header. Every row gets a verdict: created, updated,
unchanged or refused. The same file again changes nothing.

  --type <type>          ${IMPORT_TYPES.join(', ')}
  --mapping <file.json>  what the columns mean; see scripts/examples
  --map <column=field>   the same for one column, any number of times
  --delimiter <sign>     , ; | or tab
  --workspace <id|name>  else the one that --user signs in to, or the only one
  --user <email>         on whose behalf; else the workspace's first admin
  --dry-run              judges every row and changes nothing
  --verdicts <out.csv>   writes the verdict of every row

Exit code 0: all rows landed. 1: rows were refused, or it failed. 2: wrong usage.`;

const OPTIONS = {
  type: { type: 'string' },
  mapping: { type: 'string' },
  map: { type: 'string', multiple: true },
  delimiter: { type: 'string' },
  workspace: { type: 'string' },
  user: { type: 'string' },
  'dry-run': { type: 'boolean' },
  verdicts: { type: 'string' },
} as const;

interface Order {
  readonly file: string;
  readonly type: ImportType;
  readonly mapping: Mapping | undefined;
  readonly pairs: readonly (readonly [string, string])[];
  readonly delimiter: Delimiter | undefined;
  readonly workspace: string | undefined;
  readonly user: string | undefined;
  readonly dryRun: boolean;
  readonly verdicts: string | undefined;
}

const readOrder = async (args: readonly string[]): Promise<Order> => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('name one CSV file');
  const mapping = values.mapping === undefined ? undefined : await readMapping(values.mapping);
  const type = IMPORT_TYPES.find((candidate) => candidate === (values.type ?? mapping?.type));
  if (type === undefined) throw new UsageError(`--type is one of ${IMPORT_TYPES.join(', ')}`);
  const sign = values.delimiter === 'tab' || values.delimiter === '\\t' ? '\t' : values.delimiter;
  const delimiter = DELIMITERS.find((candidate) => candidate === sign);
  if (sign !== undefined && delimiter === undefined) throw new UsageError('--delimiter is one of , ; | and tab');
  const { workspace, user, verdicts } = values;
  return {
    file,
    type,
    mapping,
    pairs: (values.map ?? []).map(readPair),
    delimiter,
    workspace,
    user,
    verdicts,
    dryRun: values['dry-run'] === true,
  };
};

const readPair = (text: string): readonly [string, string] => {
  const sign = text.lastIndexOf('=');
  if (sign < 1 || sign === text.length - 1) throw new UsageError(`--map is column=field, not "${text}"`);
  return [text.slice(0, sign), text.slice(sign + 1)];
};

const readMapping = async (path: string): Promise<Mapping> => {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`the mapping cannot be read: ${error.message}`);
  });
  const parsed = parseMapping(text);
  if (!parsed.ok) throw new UsageError(`${path}:\n${parsed.error.join('\n')}`);
  return parsed.value;
};

const openImports = async ({ app: pool, log }: Database, wake: Wake): Promise<Imports> => {
  const { contentKey } = await loadKeys(pool);
  const access = createAccess(log);
  const push = createPush({ pool: log, wake, access, contentKey, ownsDevice: async () => false });
  return createImports({ pool, push, access, contentKey, onError: (error) => warn(String(error)) });
};

const hashOf = async (file: string): Promise<{ sha256: string; bytes: number }> => {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return { sha256: hash.digest('hex'), bytes: (await stat(file)).size };
  } catch (error) {
    throw new CommandFailed(`the file cannot be read: ${(error as Error).message}`);
  }
};

const csvLine = ({ row, line, verdict, code, column, message, stream }: RowVerdict): string =>
  [row, line, verdict, code, column, message, stream?.id].map((value) => csvCell(String(value ?? ''))).join(',');

const openVerdicts = async (path: string | undefined): Promise<WriteStream | undefined> => {
  if (path === undefined) return undefined;
  const out = createWriteStream(path);
  await once(out, 'open').catch((error: Error) => {
    throw new CommandFailed(`the verdicts cannot be written: ${error.message}`);
  });
  out.write('row,line,verdict,code,column,message,id\n');
  return out;
};

/** Rows named in the summary; the others are in `--verdicts`. */
const REFUSED_SHOWN = 20;

const summary = (
  { counts, status, error, dryRun, ignoredColumns }: ImportJob,
  refused: readonly RowVerdict[],
): void => {
  for (const { row, line, column, message } of refused) {
    warn(`row ${row} (line ${line})${column === undefined ? '' : `, column ${column}`}: ${message ?? 'refused'}`);
  }
  if (counts.refused > refused.length) warn(`… and ${counts.refused - refused.length} more rows were refused`);
  if (ignoredColumns.length > 0) warn(`columns that nothing maps, ignored: ${ignoredColumns.join(', ').slice(0, 500)}`);
  const { rows, created, updated, unchanged } = counts;
  const what = `${created} created, ${updated} updated, ${unchanged} unchanged, ${counts.refused} refused`;
  say(`${rows} rows: ${what}${dryRun ? ' (dry run: nothing was changed)' : ''}`);
  if (status === 'failed') warn(`the import failed: ${error ?? ''}`);
};

const importFile = async (order: Order, imports: Imports, principal: Principal): Promise<ExitCode> => {
  const { sha256, bytes } = await hashOf(order.file);
  const refused: RowVerdict[] = [];
  const out = await openVerdicts(order.verdicts);
  const progress = createProgress(bytes, 'rows');
  const onProgress = (verdicts: readonly RowVerdict[]) => {
    for (const verdict of verdicts) {
      out?.write(`${csvLine(verdict)}\n`);
      if (verdict.verdict === 'refused' && refused.length < REFUSED_SHOWN) refused.push(verdict);
    }
    progress.count(verdicts.length);
  };
  const { type, mapping, pairs, delimiter, dryRun } = order;
  const request = { type, mapping, pairs, delimiter, dryRun, fileName: basename(order.file), sha256, onProgress };
  const started = await imports.start(principal, request, progress.watch(createReadStream(order.file)));
  if (!started.ok) throw new UsageError(started.error.join('\n'));
  await started.value.ended;
  progress.end();
  out?.end();
  const job = await imports.job(principal, started.value.id);
  if (job === undefined) throw new CommandFailed('the import has vanished from the database');
  summary(job, refused);
  return job.status === 'completed' && job.counts.refused === 0 ? 0 : 1;
};

export const importCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const order = await readOrder(args);
    const { database, close } = await openForCommand(config);
    const wake = await openCommandWake(database);
    try {
      const principal = await findPrincipal(database.owner, order);
      const imports = await openImports(database, wake);
      // Asked to stop it finishes the rows at hand; asked again it ends at once.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void imports.close());
      return await importFile(order, imports, principal);
    } finally {
      await wake.close();
      await close();
    }
  },
};
