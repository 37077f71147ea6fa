import { clockTime, type HybridClock } from '../base/hybrid-clock.ts';

/**
 * When an event occurred, ISO 8601 UTC with milliseconds: the time of its effective clock, but not before its stream's
 * creation occurred and not after the server learned of it.
 */
export const occurrence = (clock: HybridClock, recordedAt: string, createdAt?: string): string => {
  const time = clockTime(clock);
  if (time > recordedAt) return recordedAt;
  return createdAt !== undefined && time < createdAt ? createdAt : time;
};
