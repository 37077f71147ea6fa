import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedFailed } from './failure.ts';
import { processCommand, processExists, processStart } from './process-identity.ts';

const PATIENCE_MS = 10_000;
const POLL_MS = 50;

const waitUntil = async (condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
};

const isGone = async (pid: number): Promise<boolean> => (await processStart(pid)) === undefined;

/** Asks for a fast shutdown, then an immediate one, then ends it: whatever happens, what was committed is on disk. */
export const stopPostmaster = async (pid: number, patienceMs = PATIENCE_MS): Promise<boolean> => {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return isGone(pid);
    }
    if (await waitUntil(() => isGone(pid), signal === 'SIGINT' ? patienceMs : 3000)) return true;
  }
  return false;
};

// Every process of a PostgreSQL works in its data folder.
const hasWorkers = async (data: string): Promise<boolean> => {
  if (process.platform !== 'linux') return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return folders.includes(data);
};

/**
 * Clears what an earlier PostgreSQL left on the folder, which must be locked for us: one that outlived its server is
 * stopped; a lock file naming a process that is none of ours goes once nothing works in the folder any more. (A lock
 * file naming nobody is PostgreSQL's own to clear.)
 */
export const clearLeftovers = async (data: string): Promise<void> => {
  const path = join(data, 'postmaster.pid');
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !processExists(pid)) return;
  if ((await processCommand(pid)).includes(data) && !(await stopPostmaster(pid))) {
    throw new EmbeddedFailed(
      `a PostgreSQL that outlived its server still runs in ${data} as process ${pid}: stop it first`,
    );
  }
  if (!(await waitUntil(async () => !(await hasWorkers(data)), PATIENCE_MS))) {
    throw new EmbeddedFailed(`processes of an earlier PostgreSQL still work in ${data}: stop them first`);
  }
  await rm(path, { force: true });
};
