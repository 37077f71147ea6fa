import type { SyncStatus } from '../../../../src/client/index.ts';
import { clock } from '../format.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useSyncStatus } from '../../../../src/client/react.ts';
import { useStore } from '../use-store.ts';

type Tone = 'good' | 'busy' | 'off';

const toneOf = (isOnline: boolean, { pending, upToDate }: SyncStatus): Tone => {
  if (!isOnline) return 'off';
  return upToDate && pending === 0 ? 'good' : 'busy';
};

const WORDS: Readonly<Record<Tone, string>> = { good: 'Up to date', busy: 'Syncing', off: 'Offline' };

/** One line that always has the same height: state, what waits, and when it last agreed with the server. */
export const SyncLine = () => {
  const { leadzen, network } = usePhone();
  const status = useSyncStatus(leadzen);
  const tone = toneOf(useStore(network.online), status);
  return (
    <p className="sync-line" data-tone={tone} role="status">
      <span className="sync-state">{WORDS[tone]}</span>
      <span className="sync-pending">{status.pending === 0 ? 'nothing waiting' : `${status.pending} waiting`}</span>
      <span className="sync-last">
        {status.lastSyncedAt === null ? 'not synced yet' : `synced ${clock(status.lastSyncedAt)}`}
      </span>
    </p>
  );
};
