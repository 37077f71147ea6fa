import type { SyncReport } from '../api.ts';
import type { TimersPort } from '../ports.ts';
import { backoffMs } from '../transport/backoff.ts';

interface Parts {
  /** Says how long the server wants to be left alone. Rejects where the platform's storage fails. */
  readonly run: () => Promise<{ readonly report: SyncReport; readonly retryAfterMs?: number | undefined }>;
  readonly timers: TimersPort;
  readonly random: () => number;
}

export interface Scheduler {
  /** Something to send, or reason to believe that there is something to pull or that the network is back. */
  wake(): void;
  stop(): void;
}

/** Edits that come together are sent together. */
const GATHER_MS = 20;
/** Where a network or a server may be back by itself. Other reasons end when somebody does something. */
const WORTH_RETRYING: ReadonlySet<string | undefined> = new Set(['offline', 'server_unavailable', 'waiting']);

/** Syncs soon after every wake-up, one run at a time, and again after failures, ever more patiently. */
export const createScheduler = ({ run, timers, random }: Parts): Scheduler => {
  let timer: unknown;
  let failures = 0;
  let running = false;
  let wanted = false;
  let stopped = false;

  const after = (ms: number): void => {
    timers.clear(timer);
    if (!stopped) timer = timers.set(() => void start(), ms);
  };
  const start = async (): Promise<void> => {
    if (running) return;
    running = true;
    wanted = false;
    const done = await run().catch(() => undefined);
    running = false;
    const stoppedBy = done === undefined ? 'offline' : done.report.stoppedBy;
    failures = stoppedBy === undefined ? 0 : failures + 1;
    if (wanted) after(GATHER_MS);
    else if (WORTH_RETRYING.has(stoppedBy)) after(backoffMs(failures, random, done?.retryAfterMs));
  };
  return {
    wake: () => {
      wanted = true;
      if (!running) after(GATHER_MS);
    },
    stop: () => {
      stopped = true;
      timers.clear(timer);
    },
  };
};
