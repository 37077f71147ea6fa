import { useEffect, useState } from 'react';
import type { ConflictView, RefusedEvent } from '../../../../src/client/index.ts';
import { usePhone } from './phone-context.ts';

export interface Inbox {
  readonly conflicts: readonly ConflictView[];
  readonly refused: readonly RefusedEvent[];
}

const EMPTY: Inbox = { conflicts: [], refused: [] };

/** What waits for a person on this phone. */
export const useInbox = (): Inbox => {
  const { leadzen } = usePhone();
  const [inbox, setInbox] = useState(EMPTY);
  useEffect(() => {
    let isShown = true;
    const read = async (): Promise<void> => {
      const [conflicts, refused] = await Promise.all([leadzen.conflicts.list(), leadzen.refused.list()]);
      if (isShown) setInbox({ conflicts, refused });
    };
    const readAgain = (): void => void read();
    readAgain();
    const ends = [
      leadzen.onSyncStatus(readAgain),
      leadzen.subscribe('deals', readAgain),
      leadzen.subscribe('leads', readAgain),
    ];
    return () => {
      isShown = false;
      for (const end of ends) end();
    };
  }, [leadzen]);
  return inbox;
};
