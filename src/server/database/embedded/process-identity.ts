import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ps = async (pid: number, column: string): Promise<string> =>
  run('ps', ['-o', `${column}=`, '-p', String(pid)], { timeout: 5000 }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );

/** Whether a process of that number exists, dead ones that nobody has waited for (zombies) included. */
export const processExists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * When a living process started, as text that is equal only for equal starts: numbers of processes are used again, and
 * in a container the server always has the same one. Undefined for a process that is gone.
 */
export const processStart = async (pid: number): Promise<string | undefined> => {
  if (!processExists(pid)) return undefined;
  if (process.platform === 'win32') return 'unknown';
  if (process.platform !== 'linux') return (await ps(pid, 'lstart')) || undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything; state and start time are the 3rd and 22nd field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[19] === undefined) return undefined;
  return fields[19];
};

/** The command line of a process; empty for one that is gone. */
export const processCommand = async (pid: number): Promise<string> => {
  if (process.platform !== 'linux') return ps(pid, 'args');
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text.replaceAll('\0', ' '),
    () => '',
  );
};
