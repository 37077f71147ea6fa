import { useCallback, useSyncExternalStore } from 'react';
import type { SyncStatus } from '../../../../src/client/index.ts';
import { usePhone } from './phone-context.ts';

/** How this phone and the server stand. */
export const useSyncStatus = (): SyncStatus => {
  const { leadzen } = usePhone();
  const subscribe = useCallback((listener: () => void) => leadzen.onSyncStatus(listener), [leadzen]);
  return useSyncExternalStore(subscribe, () => leadzen.syncStatus());
};
