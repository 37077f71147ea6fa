import type { LocksPort } from './ports.ts';

/**
 * Waits until this is the only tab that holds the name; answers what gives it up. Two tabs that wrote to one store would
 * each believe in a state that the other has changed.
 */
export const becomeLeader = (locks: LocksPort | undefined, name: string): Promise<() => void> => {
  if (locks === undefined) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((release) => resolve(release));
    locks.request(name, {}, held).catch(reject);
  });
};
