import { clockTime } from '../src/shared/base/hybrid-clock.ts';
import type { FoldedEvent } from './projection.ts';

/**
 * When an event occurred, as ISO time: by its own clock, but not after the server learned of it and not before its stream
 * was created.
 *
 * @param createdAt when the stream's first event occurred; undefined for that event itself
 */
export const occurredAt = (event: Pick<FoldedEvent, 'clock' | 'recordedAt'>, createdAt: string | undefined): string => {
  const time = clockTime(event.clock);
  if (time > event.recordedAt) return event.recordedAt;
  return createdAt !== undefined && time < createdAt ? createdAt : time;
};

/**
 * When a deal closed, for the numbers. A closing may be dated by hand; one from before the deal came to be counts as of
 * then, so that no cycle is negative. The record keeps what was said.
 */
export const closedIn = (closedAt: string, createdAt: string): string =>
  isBefore(closedAt, createdAt) ? createdAt : closedAt;

/** Times of one length are in the order of their texts; those without milliseconds, which people may send, are not. */
const isBefore = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : Date.parse(one) < Date.parse(other);
