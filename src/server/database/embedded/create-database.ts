import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, handOver, spawnAs } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedFailed } from './failure.ts';
import { type Folder, syncFolder } from './folder.ts';

/** The login that LeadZen uses; it is the database's superuser. */
export const LOGIN = 'leadzen';

const TIMEOUT_MS = 120_000;

// The same order of text on every machine: by code points, whatever locales there are.
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

const adviceFor = ({ ids }: Account): string =>
  ids === undefined
    ? ''
    : `\nroot runs PostgreSQL as user id ${ids.uid} here, who must be able to reach the data folder and node_modules: ` +
      'start LeadZen as an ordinary user, or set DATABASE_URL';

const runToEnd = (account: Account, command: readonly string[], env: Readonly<Record<string, string>>): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawnAs(account, command, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.on('error', (error) => reject(new EmbeddedFailed(`${command[0]} cannot be run: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new EmbeddedFailed(`PostgreSQL could not be set up:\n${output.trim()}${adviceFor(account)}`));
    });
  });

/** Makes PostgreSQL's data beside its place and moves it there when it is whole and on disk. */
export const createDatabase = async (
  folder: Folder,
  account: Account,
  binaries: Binaries,
  password: string,
): Promise<void> => {
  const workshop = await mkdtemp(join(folder.root, 'postgres.new-'));
  const secret = join(workshop, 'password');
  const data = join(workshop, 'data');
  await writeFile(secret, password, { mode: 0o600 });
  await handOver(account, workshop);
  await handOver(account, secret);
  const access = [`--username=${LOGIN}`, `--pwfile=${secret}`, '--auth=scram-sha-256'];
  const env = { ...binaries.env, LC_ALL: 'C', PATH: process.env['PATH'] ?? '' };
  await runToEnd(account, [binaries.initdb, `--pgdata=${data}`, ...LOCALE, ...access], env);
  await rename(data, folder.data);
  await syncFolder(folder.root);
  await rm(workshop, { recursive: true });
};
