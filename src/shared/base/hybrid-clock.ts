import type { Uuid } from './ids.ts';

/**
 * A hybrid logical clock as text: `2026-11-22T10:00:00.000Z-0001-<device id>`.
 * Fixed widths make the order of the text the order of (time, counter, device).
 * Source: Kulkarni et al., "Logical Physical Clocks", 2014.
 */
export type HybridClock = string;

export interface ClockParts {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** 0..9999 */
  readonly counter: number;
  readonly device: Uuid;
}

const COUNTER_MAX = 9999;
// No year 0, which PostgreSQL does not have, and no hour 24, which Date.parse takes for the next day's 0.
const CLOCK =
  /^((?!0000)\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}\.\d{3}Z)-(\d{4})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The parts of a clock, or undefined where the text is not one (a 31 February included). */
export const parseClock = (text: string): ClockParts | undefined => {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [, iso, counter, device] = match as unknown as [string, string, string, string];
  const time = Date.parse(iso);
  // Date.parse makes a 31 February into 3 March. Only the last days of a month can be wrong, and toISOString is slow.
  if (Number.isNaN(time) || (iso.slice(8, 10) > '28' && new Date(time).toISOString() !== iso)) return undefined;
  return { time, counter: Number(counter), device };
};

/** A counter past 9999 moves into the next millisecond, so that the text keeps its width. */
export const formatClock = ({ time, counter, device }: ClockParts): HybridClock => {
  const carried = time + Math.floor(counter / (COUNTER_MAX + 1));
  const rest = counter % (COUNTER_MAX + 1);
  return `${new Date(carried).toISOString()}-${String(rest).padStart(4, '0')}-${device}`;
};

/** The ISO time in front of a clock. */
export const clockTime = (clock: HybridClock): string => clock.slice(0, 24);
export const clockDevice = (clock: HybridClock): Uuid => clock.slice(30);

/** The first clock of `device` after `clock`. */
export const clockAfter = (clock: HybridClock, device: Uuid): HybridClock => {
  const time = Date.parse(clockTime(clock));
  return formatClock({ time, counter: Number(clock.slice(25, 29)) + 1, device });
};

/** How far a clock may run ahead of its reception. */
export const CLOCK_AHEAD_MAX_MS = 60_000;

/**
 * The clock that decides: `at`, but never later than its reception + 60 s. A clamped clock counts up from `newest`, the
 * newest clock that this device already has in the stream, so that a device's own order stays.
 */
export const effectiveClock = (at: HybridClock, receivedMs: number, newest: HybridClock | undefined): HybridClock => {
  const limit = receivedMs + CLOCK_AHEAD_MAX_MS;
  if (Date.parse(clockTime(at)) <= limit) return at;
  const clamped = formatClock({ time: limit, counter: 0, device: clockDevice(at) });
  return newest !== undefined && newest >= clamped ? clockAfter(newest, clockDevice(at)) : clamped;
};
