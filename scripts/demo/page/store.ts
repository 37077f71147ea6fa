import type { Unsubscribe } from '../../../src/client/index.ts';

/** One value, and those who want to know when it is another. */
export interface Store<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): Unsubscribe;
}

export const createStore = <T>(initial: T): Store<T> => {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
