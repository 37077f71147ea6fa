import { canonicalJson } from '../../shared/base/canonical-json.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { LiveList, Unsubscribe } from '../api.ts';

interface Parts<R> {
  readonly read: () => Promise<readonly R[]>;
  readonly onChange: (listener: () => void) => Unsubscribe;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length &&
  a.every((item, at) => canonicalJson(item as JsonObject) === canonicalJson(b[at] as JsonObject));

/** Reads again after every change while somebody listens, and tells only when the page differs. */
export const createLiveList = <R>({ read, onChange }: Parts<R>): LiveList<R> => {
  const listeners = new Set<() => void>();
  let items: readonly R[] = [];
  let stop: Unsubscribe | undefined;
  let reading = false;
  let isStale = false;

  const refresh = async (): Promise<void> => {
    isStale = true;
    if (reading) return;
    reading = true;
    while (isStale && listeners.size > 0) {
      isStale = false;
      // Nobody is signed in: an empty list until somebody is.
      const next = await read().catch((): readonly R[] => []);
      if (isSame(items, next)) continue;
      items = next;
      for (const listener of Array.from(listeners)) listener();
    }
    reading = false;
  };

  return {
    current: () => items,
    subscribe: (listener) => {
      listeners.add(listener);
      stop ??= onChange(() => void refresh());
      void refresh();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
};
