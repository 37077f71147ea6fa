import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'leadzen-columns-';
/** `leadzen-columns-4711-x9Tz1Q`: whose it is, so that others know when nobody needs it any more. */
const OWNER = /^leadzen-columns-(\d+)-/;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** What processes left behind that were killed: rows of somebody. Another user's cannot be removed, and is not. */
const removeOrphans = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    const owner = OWNER.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner)))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
};

/** A new folder that only this user may enter, for rows between PostgreSQL and DuckDB. */
export const makeTransitFolder = async (parent: string): Promise<string> => {
  await removeOrphans(parent);
  return mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
};
