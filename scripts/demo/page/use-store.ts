import { useSyncExternalStore } from 'react';
import type { Store } from './store.ts';

/** The store's value, drawn anew whenever it changes. */
export const useStore = <T>(store: Pick<Store<T>, 'get' | 'subscribe'>): T =>
  useSyncExternalStore(store.subscribe, store.get);
