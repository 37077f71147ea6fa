import type { TimersPort } from './ports.ts';

interface Parts {
  readonly now: () => number;
  readonly timers: TimersPort;
  /** Undefined: never. */
  readonly timeoutMs: number | undefined;
  readonly onTimeout: () => Promise<unknown>;
}

/** Ends the session of a phone that nobody uses, also where it slept through the timer. */
export interface IdleWatch {
  /** Somebody uses it. */
  used(): void;
  /** Resolves once an overdue end has been carried out, so that nothing is shown to whoever picks the phone up. */
  check(): Promise<void>;
  stop(): void;
}

export const createIdleWatch = ({ now, timers, timeoutMs, onTimeout }: Parts): IdleWatch => {
  let usedAt = now();
  let timer: unknown;
  const isOverdue = (): boolean => timeoutMs !== undefined && Math.abs(now() - usedAt) >= timeoutMs;
  const arm = (): void => {
    timers.clear(timer);
    if (timeoutMs !== undefined) timer = timers.set(() => void check(), timeoutMs);
  };
  const check = async (): Promise<void> => {
    if (!isOverdue()) return;
    usedAt = now();
    await onTimeout();
  };
  arm();
  return {
    used: () => {
      usedAt = now();
      arm();
    },
    check,
    stop: () => timers.clear(timer),
  };
};
