import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { positionOf, positionOfTable } from '../server/projector/progress.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../server/queries/exports/export-format.ts';
import { createAccess } from '../server/access/access.ts';
import { createExports, type Export } from '../server/queries/exports/exports.ts';
import { LISTS, type ListName } from '../server/queries/list-fields.ts';
import { Problem } from '../shared/contract/problem.ts';
import { type Command, CommandFailed, UsageError } from './command.ts';
import { findPrincipal } from './find-principal.ts';
import { openForCommand } from './open-database.ts';

const TYPES = Object.keys(LISTS);

const USAGE = `leadzen export <type> [--format csv|ndjson] [--out <file>] [options]

Writes all records of a type, as of one moment: ${TYPES.join(', ')}.
The last line is a manifest with the number of rows, the position of the log that they
are as of and the SHA-256 of all bytes before it; what has none is not whole. In CSV, texts that a spreadsheet would take
for formulas begin with an apostrophe.

  --format     csv, or ndjson: one JSON object a line, as REST serves it
  --out        a file, which appears when it is whole; standard output without
  --deleted    deleted records too
  --workspace  id or name; needed where there are several
  --user       e-mail address of whoever's rights count; the first admin without

The export is noted in the database. Exit code 0: done. 1: it failed. 2: wrong usage.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`;

const OPTIONS = {
  format: { type: 'string', default: 'csv' },
  out: { type: 'string' },
  deleted: { type: 'boolean', default: false },
  workspace: { type: 'string' },
  user: { type: 'string' },
} as const;

const isType = (text: string | undefined): text is ListName => text !== undefined && Object.hasOwn(LISTS, text);
const isFormat = (text: string): text is ExportFormat => EXPORT_FORMATS.some((format) => format === text);

const readOrder = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [type, ...rest] = positionals;
  const { format, out, deleted, workspace, user } = values;
  if (!isType(type) || rest.length > 0) throw new UsageError(`name one type: ${TYPES.join(', ')}`);
  if (!isFormat(format)) throw new UsageError(`--format is one of ${EXPORT_FORMATS.join(', ')}`);
  return { what: { type, format, deleted }, out, who: { workspace, user } };
};

/** A file that broke off never has the name that was asked for. */
const write = async ({ bytes }: Export, out: string | undefined): Promise<void> => {
  if (out === undefined) return pipeline(bytes, process.stdout, { end: false });
  const part = `${out}.part`;
  try {
    await pipeline(bytes, createWriteStream(part));
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    // Of the file system, not of the database.
    const isFile = error instanceof Error && 'syscall' in error && 'path' in error;
    throw isFile ? new CommandFailed(`the file cannot be written: ${error.message}`) : error;
  }
};

export const exportCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const { what, out, who } = readOrder(args);
    const { database, close } = await openForCommand(config);
    try {
      const principal = await findPrincipal(database.owner, who);
      const pool = database.app;
      const exports = createExports({
        pool,
        access: createAccess(pool),
        positionOf: (id) => positionOf(pool.for(id), id),
        positionOfTable,
        newId: uuidv7,
      });
      await write(await exports.open(principal, what, 0), out);
    } catch (error) {
      throw error instanceof Problem ? new CommandFailed(error.message, { cause: error }) : error;
    } finally {
      await close();
    }
    return 0;
  },
};
