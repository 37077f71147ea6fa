import { setPriority } from 'node:os';
import type { Client } from 'pg';
import type { Database } from '../database/pool.ts';

/** A nice value: where cores are short, about a tenth of what an equal would get. */
const NICE = 10;

/** What the operating system does not grant changes speed only. */
const lower = (id: number): void => {
  try {
    setPriority(id, NICE);
  } catch {
    // As it was, then.
  }
};

/**
 * Read models give way to people who wait for an answer: this thread, and on the same machine the backends of its
 * connections. Measured on two full cores: a fifth more pushes a second, while the read models fall behind for as long as
 * the cores are full.
 */
export const yieldToPeople = ({ projector }: Pick<Database, 'projector'>, isEmbedded: boolean): void => {
  // On Linux 0 is the calling thread; elsewhere it is the whole process, which must not be slowed down.
  if (process.platform === 'linux') lower(0);
  if (!isEmbedded) return;
  projector.on('connect', (client) => {
    const { processID } = client as unknown as Client & { readonly processID: number | null };
    if (processID !== null) lower(processID);
  });
};
