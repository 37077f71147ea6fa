import { CLOCK_AHEAD_MAX_MS } from '../base/hybrid-clock.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';

/** Refuses a time at which something is said to have happened, but that is yet to come; clocks may differ by 60 s. */
export const notInFuture = (field: string, time: string | undefined, receivedAt: string): Rejection | undefined =>
  time !== undefined && Date.parse(time) > Date.parse(receivedAt) + CLOCK_AHEAD_MAX_MS
    ? invalidField(field, 'lies in the future')
    : undefined;
