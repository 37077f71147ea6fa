import type { StopReason, SyncReport } from '../api.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Secrets } from '../session/secrets.ts';
import type { Session } from '../session/session.ts';
import { reportWipe, verifyOrder } from '../session/wipe.ts';
import type { Http } from '../transport/http.ts';
import { runSync, type Run } from './loop.ts';

interface Parts {
  readonly lifecycle: () => Lifecycle;
  readonly session: Session;
  readonly secrets: Secrets;
  readonly http: Http;
  readonly now: () => number;
  readonly onStatus: () => void;
}

/** Runs syncs one at a time for whoever is at home, and obeys orders to wipe. */
export interface Syncer {
  sync(maxMs?: number): Promise<Run>;
  /** Resolves once nothing runs. */
  quiet(): Promise<void>;
  isRunning(): boolean;
  lastReport(): SyncReport | undefined;
  wiped(): number | undefined;
}

const nothing = (stoppedBy: StopReason): Run => ({
  report: { pushed: 0, refused: 0, conflicts: 0, pulled: 0, upToDate: false, stoppedBy },
});

export const createSyncer = (parts: Parts): Syncer => {
  let running: Promise<Run> | undefined;
  let last: SyncReport | undefined;
  let destroyed: number | undefined;

  const run = async (maxMs: number): Promise<Run> => {
    const lifecycle = parts.lifecycle();
    const user = lifecycle.peek();
    if (user === undefined) return nothing(lifecycle.isStandby() ? 'busy_elsewhere' : 'signed_out');
    const until = parts.now() + maxMs;
    const isOver = (): StopReason | undefined => {
      if (lifecycle.peek() !== user) return 'signed_out';
      return parts.now() > until ? 'time_limit' : undefined;
    };
    return runSync({ user, session: parts.session, now: parts.now, isOver });
  };

  /** A device that was revoked wipes now; a retired one when everything that it holds was sent. */
  const obey = async (order: string): Promise<boolean> => {
    const lifecycle = parts.lifecycle();
    const user = lifecycle.peek();
    if (user === undefined) return false;
    const mode = await verifyOrder(parts, order, user.session);
    if (mode === undefined || (mode === 'flush-then-wipe' && user.outbox.pending() > 0)) return false;
    const destroyedEvents = await lifecycle.destroy();
    destroyed = destroyedEvents;
    await parts.secrets.keepWipeDone({ deviceId: user.session.deviceId, order, destroyedEvents });
    await reportWipe(parts);
    return true;
  };

  const once = async (maxMs: number): Promise<Run> => {
    const promise = run(maxMs);
    running = promise;
    parts.onStatus();
    const done = await promise.finally(() => {
      running = undefined;
    });
    const isWiped = done.wipeOrder !== undefined && (await obey(done.wipeOrder));
    const result: Run = isWiped ? { ...done, report: { ...done.report, upToDate: false, stoppedBy: 'wiped' } } : done;
    last = result.report;
    parts.onStatus();
    return result;
  };

  return {
    // Whoever asks while one runs gets that one: it goes on until the newest edit was sent.
    sync: (maxMs = Infinity) => running ?? once(maxMs),
    quiet: async () => {
      await running?.catch(() => {});
    },
    isRunning: () => running !== undefined,
    lastReport: () => last,
    wiped: () => destroyed,
  };
};
