/** The process died: nothing that it calls answers any more. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Every write of a machine goes through its fuse, which can stop the process before or after the n-th. */
export interface Fuse {
  readonly writes: number;
  readonly bytes: number;
  arm(at: number, when: 'before' | 'after'): void;
  /** The next write that brings bytes finds no room; it does not happen. */
  fillDisk(): void;
  /** A new process: counts from nothing. */
  reset(): void;
  write<T>(bytes: number, write: () => T | Promise<T>): Promise<T>;
  read<T>(read: () => T | Promise<T>): Promise<T>;
}

export const createFuse = (): Fuse => {
  let writes = 0;
  let bytes = 0;
  let armed: { at: number; when: 'before' | 'after' } | undefined;
  let isDead = false;
  let isFull = false;
  const die = (): never => {
    isDead = true;
    throw new Crash('the process died here');
  };
  return {
    get writes() {
      return writes;
    },
    get bytes() {
      return bytes;
    },
    arm: (at, when) => {
      armed = { at, when };
    },
    fillDisk: () => {
      isFull = true;
    },
    reset: () => {
      writes = 0;
      bytes = 0;
      armed = undefined;
      isDead = false;
      isFull = false;
    },
    write: async (size, write) => {
      if (isDead) throw new Crash('the process is dead');
      if (isFull && size > 0) {
        isFull = false;
        throw new Error('database or disk is full (code 13 SQLITE_FULL)');
      }
      writes++;
      if (armed?.at === writes && armed.when === 'before') die();
      const result = await write();
      bytes += size;
      if (armed?.at === writes && armed.when === 'after') die();
      return result;
    },
    read: async (read) => {
      if (isDead) throw new Crash('the process is dead');
      return read();
    },
  };
};
