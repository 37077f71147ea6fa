// Writes schema.sql: what all migrations together make. With --check it compares instead, which is how a review and CI
// notice what a migration really changed.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../src/server/database/embedded/start.ts';
import { migrate } from '../src/server/database/migrate.ts';
import { openDatabase } from '../src/server/database/pool.ts';
import { describeSchema } from './describe-schema.ts';

const FILE = join(import.meta.dirname, '../schema.sql');
const HEADER = '-- What the migrations make of an empty database. Made by "npm run schema"; not meant to be run.\n\n';

const dump = async (url: string): Promise<string> => {
  await migrate(url);
  const database = openDatabase(url);
  try {
    return HEADER + (await describeSchema(database.owner, 'public'));
  } finally {
    await database.close();
  }
};

const dumpFromEmpty = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leadzen-schema-'));
  const server = await startEmbedded(folder);
  try {
    return await dump(server.url);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
};

const check = async (present: string): Promise<void> => {
  const known = (await readFile(FILE, 'utf8').catch(() => '')).split('\n');
  const lines = present.split('\n');
  const place = Array.from({ length: Math.max(known.length, lines.length) }).findIndex(
    (_, at) => known[at] !== lines[at],
  );
  if (place < 0) return;
  process.stderr.write(
    `schema.sql is not what the migrations make; run "npm run schema" and commit it. First difference, line ${place + 1}:\n` +
      `- ${known[place] ?? '(end)'}\n+ ${lines[place] ?? '(end)'}\n`,
  );
  process.exitCode = 1;
};

const present = await dumpFromEmpty();
if (process.argv.includes('--check')) await check(present);
else await writeFile(FILE, present);
