import type { SyncStatus } from './api.ts';
import type { Engine } from './engine.ts';

type Parts = Pick<Engine, 'lifecycle' | 'syncer' | 'session'>;

const stateOf = ({ lifecycle, syncer, session }: Parts): SyncStatus['state'] => {
  if (lifecycle.isStandby()) return 'standby';
  if (lifecycle.peek() === undefined || !session.current()?.tokens) return 'signed_out';
  if (syncer.isRunning()) return 'syncing';
  return syncer.lastReport()?.stoppedBy === 'offline' ? 'offline' : 'idle';
};

const isSame = (a: SyncStatus, b: SyncStatus): boolean =>
  (Object.keys({ ...a, ...b }) as (keyof SyncStatus)[]).every(
    (key) => a[key] === b[key] || (key === 'wiped' && a.wiped?.destroyedEvents === b.wiped?.destroyedEvents),
  );

/** Where syncing stands; the same object until something differs, as views compare by identity. */
export const statusOf = (parts: Parts): (() => SyncStatus) => {
  let last: SyncStatus | undefined;
  return () => {
    const user = parts.lifecycle.peek();
    const wiped = parts.syncer.wiped();
    const pending = user?.outbox.pending() ?? 0;
    const next: SyncStatus = {
      state: stateOf(parts),
      pending,
      refused: user?.outbox.refused() ?? 0,
      conflicts: user?.contested.size ?? 0,
      damaged: user?.damaged ?? 0,
      upToDate: user !== undefined && pending === 0 && user.meta.upToDate,
      lastSyncedAt: user?.meta.syncedAt ?? null,
      ...(wiped === undefined ? {} : { wiped: { destroyedEvents: wiped } }),
    };
    if (last === undefined || !isSame(last, next)) last = next;
    return last;
  };
};
