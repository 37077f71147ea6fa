import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { foundWorkspace } from '../support/workspace.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
let folder: string;
let empty: TestDatabase;
let founded: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leadzen-cli-'));
  [empty, founded] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  await foundWorkspace(founded.database);
});
afterAll(async () => {
  await Promise.all([empty[Symbol.asyncDispose](), founded[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly complaints: string;
}

const leadzen = ({ url }: TestDatabase, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: url };
    execFile(
      process.execPath,
      [MAIN, 'import', ...args],
      { env, cwd: folder, timeout: 60_000 },
      (error, out, complaints) => resolve({ code: error === null ? 0 : error.code, out, complaints }),
    );
  });

const write = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

test('a file lands, and its rows are counted', async () => {
  const file = await write('leads.csv', 'Wer,status\nAda,new\nGrace,contacted\n');
  const first = await leadzen(founded, file, '--type', 'leads', '--map', 'Wer=name', '--map', 'status=status');
  expect(first).toMatchObject({ code: 0, out: '2 rows: 2 created, 0 updated, 0 unchanged, 0 refused\n' });
  const again = await leadzen(
    founded,
    file,
    '--type',
    'leads',
    '--map',
    'Wer=name',
    '--map',
    'status=status',
    '--workspace',
    'acme',
  );
  expect(again).toMatchObject({ code: 0, out: '2 rows: 0 created, 0 updated, 2 unchanged, 0 refused\n' });
});

test('refused rows are named, written as verdicts, and make the exit code 1', async () => {
  const file = await write('bad.csv', 'name,status\nBob,new\n=1+1,lost\n');
  const verdicts = join(folder, 'verdicts.csv');
  const ended = await leadzen(
    founded,
    file,
    '--type',
    'leads',
    '--dry-run',
    '--verdicts',
    verdicts,
    '--user',
    'ADA@example.com',
  );
  expect(ended.code).toBe(1);
  expect(ended.complaints).toContain('row 2 (line 3), column status: ');
  expect(ended.out).toBe('2 rows: 1 created, 0 updated, 0 unchanged, 1 refused (dry run: nothing was changed)\n');
  expect((await readFile(verdicts, 'utf8')).split('\n')).toMatchObject([
    'row,line,verdict,code,column,message,id',
    expect.stringContaining('"1","2","created"'),
    expect.stringContaining('"2","3","refused","invalid","status"'),
    '',
  ]);
});

test('columns that nothing maps are named', async () => {
  const file = await write('more-columns.csv', 'name,shoe size\nHedy,38\n');
  const ended = await leadzen(founded, file, '--type', 'leads', '--dry-run');
  expect(ended.complaints).toContain('columns that nothing maps, ignored: shoe size');
});

test('among several workspaces the user’s own is taken', async () => {
  await using several = await openTestDatabase();
  const mine = await foundWorkspace(several.database);
  await foundWorkspace(several.database);
  const file = await write('mine.csv', 'name\nAda\n');
  expect(await leadzen(several, file, '--type', 'leads', '--user', 'ada@example.com')).toMatchObject({ code: 2 });
  await several.database.owner.query(
    `insert into login (email, workspace_id, user_id, password_hash) values ('ada@example.com', $1, $2, '-')`,
    [mine.principal.workspaceId, mine.principal.userId],
  );
  expect(await leadzen(several, file, '--type', 'leads', '--user', 'Ada@example.com')).toMatchObject({ code: 0 });
  const { rows } = await several.database.owner.query<{ id: string }>(
    `select workspace_id as id from stream where stream_type = 'lead'`,
  );
  expect(rows).toEqual([{ id: mine.principal.workspaceId }]);
}, 60_000);

test('what makes no sense is said with exit code 2', async () => {
  const file = await write('some.csv', 'name\nAda\n');
  const wrong: [string, readonly string[]][] = [
    ['name one CSV file', []],
    ['--type is one of', [file]],
    ['--type is one of', [file, '--type', 'users']],
    ['is not supported|Unknown option', [file, '--typ', 'leads']],
    ['no field "colour"', [file, '--type', 'leads', '--map', 'name=colour']],
    ['the mapping cannot be read', [file, '--type', 'leads', '--mapping', 'nowhere.json']],
    ['there is no workspace "Globex"', [file, '--type', 'leads', '--workspace', 'Globex']],
    ['The file is empty', [await write('empty.csv', ''), '--type', 'leads']],
  ];
  for (const [message, args] of wrong) {
    const ended = await leadzen(founded, ...args);
    expect(ended.complaints).toMatch(new RegExp(message));
    expect(ended.code, message).toBe(2);
  }
}, 120_000);

test('without a file, a workspace or the user it fails in words', async () => {
  const file = await write('more.csv', 'name\nAda\n');
  const failures: [TestDatabase, string, readonly string[]][] = [
    [empty, 'sign up', [file, '--type', 'leads']],
    [founded, 'no active user nobody@example.com', [file, '--type', 'leads', '--user', 'nobody@example.com']],
    [founded, 'the file cannot be read', ['nowhere.csv', '--type', 'leads']],
  ];
  for (const [database, message, args] of failures) {
    const ended = await leadzen(database, ...args);
    expect(ended.complaints).toContain(message);
    expect(ended.code).toBe(1);
  }
}, 60_000);
