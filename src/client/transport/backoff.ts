const FIRST_MS = 1000;
const MAX_MS = 60_000;

/**
 * How long to wait before try `failures` + 1: anything between nothing and a bound that doubles ("full jitter"), so that
 * a crowd of phones does not come back at once; never less than what the server asked for.
 */
export const backoffMs = (failures: number, random: () => number, retryAfterMs = 0): number =>
  retryAfterMs + random() * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 16));
