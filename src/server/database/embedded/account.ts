import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { EmbeddedFailed } from './failure.ts';

/** How a program of PostgreSQL is started: PostgreSQL refuses to run as root, and initdb wants an account with a name. */
export interface Account {
  /** Programs, each running the next, that lead to the account. */
  readonly through: readonly string[];
  /** The account to change to, where root starts a folder that belongs to somebody else. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

const run = promisify(execFile);

const NOBODY = 65_534;
// In a user namespace of its own the process is nobody in its own eyes, and stays who it is for the file system.
const AS_NOBODY = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
// The kernel asks PostgreSQL to shut down when the process that started it is gone, even by kill -9.
const WITH_PARENT = ['setpriv', '--pdeathsig', 'INT'];

const works = async (command: readonly string[]): Promise<boolean> => {
  const [program, ...args] = [...command, 'true'] as const;
  return run(program ?? '', args, { timeout: 5000 }).then(
    () => true,
    () => false,
  );
};

const hasName = (): boolean => {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
};

const lead = async (folder: string): Promise<Account> => {
  if (process.platform === 'win32') return { through: [], ids: undefined };
  const owner = await stat(folder);
  const isRoot = process.getuid?.() === 0;
  if (isRoot && owner.uid !== 0) return { through: [], ids: { uid: owner.uid, gid: owner.gid } };
  if (!isRoot && hasName()) return { through: [], ids: undefined };
  if (await works(AS_NOBODY)) return { through: AS_NOBODY, ids: undefined };
  if (!isRoot) {
    throw new EmbeddedFailed(
      `user id ${process.getuid?.()} has no name in /etc/passwd and user namespaces are not allowed here, so PostgreSQL ` +
        'cannot be set up: run as a user with a name, or set DATABASE_URL',
    );
  }
  return { through: [], ids: { uid: NOBODY, gid: NOBODY } };
};

/** Chooses by who we are and whose the folder is. Where only giving the folder to `nobody` helps, it does so. */
export const chooseAccount = async (folder: string, isNew: boolean): Promise<Account> => {
  const { through, ids } = await lead(folder);
  if (ids?.uid === NOBODY && (await stat(folder)).uid === 0) {
    if (!isNew) {
      throw new EmbeddedFailed(
        `${folder} belongs to root, and root cannot run PostgreSQL here (no user namespaces): ` +
          'give the folder to an ordinary user and start LeadZen as that user',
      );
    }
    await chown(folder, NOBODY, NOBODY);
  }
  return { through: (await works(WITH_PARENT)) ? [...through, ...WITH_PARENT] : through, ids };
};

/** Starts a program in the account; detached, so that Ctrl-C in a terminal reaches the server only. */
export const spawnAs = (account: Account, command: readonly string[], options: SpawnOptions): ChildProcess => {
  const [program = '', ...args] = [...account.through, ...command];
  return spawn(program, args, { ...options, ...account.ids, detached: true });
};

/** Gives a file or folder of ours to the account that PostgreSQL runs in. */
export const handOver = async (account: Account, path: string): Promise<void> => {
  if (account.ids !== undefined) await chown(path, account.ids.uid, account.ids.gid);
};
