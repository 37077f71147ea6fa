import type { Segment } from './segment.ts';

/** Characters on disk, sealed: segments smaller than this are merged once there are many. */
const SMALL = 8 * 1024;
const SMALL_MANY = 16;

/** Which segments are worth writing anew: those that mostly hold what was replaced, and crumbs. */
export const worthMerging = (segments: readonly Segment[]): ReadonlySet<Segment> => {
  const stale = segments.filter(({ live, puts }) => live * 2 < puts.length || (live === 0 && puts.length > 0));
  const small = segments.filter(({ size }) => size < SMALL);
  return new Set(small.length >= SMALL_MANY ? [...stale, ...small] : stale);
};
