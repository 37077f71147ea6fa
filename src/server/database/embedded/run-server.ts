import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, spawnAs } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Endpoint } from './endpoint.ts';
import { EmbeddedFailed } from './failure.ts';
import { type Folder, openLog } from './folder.ts';
import { stopPostmaster } from './leftovers.ts';

/** A PostgreSQL that accepts connections. */
export interface Running {
  readonly pid: number;
  /** Settles when the process is gone, whatever the reason. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** What a start needs to know. */
export interface Start {
  readonly folder: Folder;
  readonly account: Account;
  readonly binaries: Binaries;
  readonly endpoint: Endpoint;
  readonly settings: Readonly<Record<string, string>>;
}

// After a crash PostgreSQL first replays its log, at worst max_wal_size of it.
const READY_TIMEOUT_MS = 300_000;
// Processes of a PostgreSQL that was killed may take seconds to go; until then a new one is refused.
const LEFTOVER_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 20_000;
const POLL_MS = 20;

const MEGABYTE = 1024 * 1024;
/**
 * An eighth of the memory: a log that does not fit is read through the operating system, page by page, each checked anew,
 * which made a rebuild of 1,000,000 events half as long again.
 */
const sharedBuffers = (memory: number): string =>
  `${Math.round(Math.min(2048, Math.max(128, memory / 8 / MEGABYTE)))}MB`;

/** Of this machine, or of the container where that has less. */
const memoryOf = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** Acknowledged means on disk; sizes fit the machine. */
const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: sharedBuffers(memoryOf()),
  max_wal_size: '4GB',
  shared_preload_libraries: '',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %a ',
};

const flags = (start: Start): string[] =>
  Object.entries({ ...SETTINGS, ...start.endpoint.settings, ...start.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);

const launch = async ({
  folder,
  account,
  binaries,
  ...rest
}: Start): Promise<{ child: ChildProcess; log: () => Promise<string> }> => {
  const handle = await openLog(folder);
  const { size } = await handle.stat();
  const command = [binaries.postgres, '-D', folder.data, ...flags({ folder, account, binaries, ...rest })];
  const env = { ...binaries.env, LC_ALL: 'C', PATH: process.env['PATH'] ?? '' };
  const child = spawnAs(account, command, {
    cwd: folder.data,
    env,
    stdio: ['ignore', handle.fd, handle.fd],
  });
  await handle.close();
  return { child, log: async () => (await readFile(folder.log)).subarray(size).toString().trim() };
};

// PostgreSQL keeps its state in the eighth line of its lock file.
const isReady = async (folder: Folder, pid: number): Promise<boolean> => {
  const lines = (await readFile(join(folder.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};

const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });

const startOnce = async (start: Start): Promise<Running> => {
  const { child, log } = await launch(start);
  let gone = false;
  const exited = exitOf(child).then(() => {
    gone = true;
  });
  const pid = child.pid ?? 0;
  const stop = async () => {
    if (!gone && !(await stopPostmaster(pid, STOP_PATIENCE_MS)))
      throw new EmbeddedFailed(`PostgreSQL (${pid}) does not stop`);
    await exited;
  };
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!gone && Date.now() < deadline) {
    if (await isReady(start.folder, pid)) return { pid, exited, stop };
    await sleep(POLL_MS);
  }
  await stop();
  throw new EmbeddedFailed(`PostgreSQL did not start (its log is ${start.folder.log}):\n${await log()}`);
};

const heldByLeftovers = (error: unknown): boolean =>
  error instanceof EmbeddedFailed && /lock file .* already exists|pre-existing shared memory block/.test(error.message);

/** Starts PostgreSQL and waits until it accepts connections, its own recovery after a crash included. */
export const runServer = async (start: Start): Promise<Running> => {
  const deadline = Date.now() + LEFTOVER_PATIENCE_MS;
  for (;;) {
    try {
      return await startOnce(start);
    } catch (error) {
      if (!heldByLeftovers(error) || Date.now() > deadline) throw error;
      await sleep(250);
    }
  }
};
