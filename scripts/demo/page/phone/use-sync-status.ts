import { useSyncExternalStore } from 'react';
import type { SyncStatus } from '../../../../src/client/api.ts';
import { usePhone } from './phone-context.ts';

/** How this phone and the server stand. */
export const useSyncStatus = (): SyncStatus => {
  const { leadzen } = usePhone();
  return useSyncExternalStore(leadzen.onSyncStatus, leadzen.syncStatus);
};
