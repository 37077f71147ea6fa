import { formatClock, parseClock, type ClockParts, type HybridClock } from '../shared/base/hybrid-clock.ts';
import type { Uuid } from '../shared/base/ids.ts';

/** What survives a restart. */
export interface ClockMemory {
  /** Milliseconds by which the server's clock is ahead of this device's. */
  readonly offsetMs: number;
  /** The newest effective clock that the server named. */
  readonly seen: HybridClock | null;
}

/** A hybrid logical clock that follows the server's time. */
export interface DeviceClock {
  /** The server's time as far as it is known, milliseconds since the epoch. */
  now(): number;
  /** A clock later than every one made or seen before. */
  tick(device: Uuid): HybridClock;
  /** Never moves on for anything but a clock that the server has judged: a raw `at` may lie years ahead. */
  observe(effective: HybridClock): void;
  /** Takes the offset from an answer's `serverTime`, at the middle of its round trip. */
  learn(serverTime: string, sentAt: number, receivedAt: number): void;
  /**
   * Forgets what it made itself, once none of that waits for a verdict: after a correction of hours or years the clock
   * comes back to what the server has seen, and never before it.
   */
  settle(): void;
  memory(): ClockMemory;
}

const tickOf = (clock: HybridClock): ClockParts => parseClock(clock) ?? { time: 0, counter: 0, device: '' };

/** What a clock of four-digit years can say. */
const TIME_MAX = Date.UTC(9999, 0, 1);

/** @param waiting the clocks of events that the server has not judged yet */
export const createDeviceClock = (
  now: () => number,
  memory: ClockMemory | undefined,
  waiting: Iterable<HybridClock>,
): DeviceClock => {
  let offsetMs = memory?.offsetMs ?? 0;
  // Texts of a fixed width: their order is the order of time and counter.
  let seen: HybridClock = memory?.seen ?? '';
  let made: HybridClock = '';
  for (const clock of waiting) if (clock > made) made = clock;
  const serverNow = (): number => now() + offsetMs;

  return {
    now: serverNow,
    tick: (device) => {
      const last = tickOf(made > seen ? made : seen);
      const time = Math.min(Math.max(Math.floor(serverNow()), 0), TIME_MAX);
      made = formatClock(
        time > last.time ? { time, counter: 0, device } : { time: last.time, counter: last.counter + 1, device },
      );
      return made;
    },
    observe: (effective) => {
      if (effective > seen) seen = effective;
    },
    learn: (serverTime, sentAt, receivedAt) => {
      const time = Date.parse(serverTime);
      if (Number.isFinite(time)) offsetMs = time - (sentAt + receivedAt) / 2;
    },
    settle: () => {
      made = '';
    },
    memory: () => ({ offsetMs, seen: seen === '' ? null : seen }),
  };
};
