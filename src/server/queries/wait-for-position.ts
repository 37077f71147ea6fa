import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../shared/contract/problem.ts';

/** How far a read model has come, or the log itself. */
export type PositionOf = () => Promise<number>;

export const WAIT_MAX_MS = 5000;
/** How long a read waits for its own user's last write, unasked; then it answers with what there is. */
const OWN_WAIT_MAX_MS = 1000;
const POLL_MS = 20;

/**
 * Returns when the position has been reached; throws `projection_behind` after 5 s.
 *
 * @param clock milliseconds that only rise
 */
export const waitForPosition = async (
  positionOf: PositionOf,
  wanted: number,
  clock = performance.now.bind(performance),
): Promise<void> => {
  const deadline = clock() + WAIT_MAX_MS;
  let position = await positionOf();
  while (position < wanted) {
    if (clock() > deadline) {
      throw new Problem('projection_behind', `The read model is at position ${position}; ask again in a moment.`);
    }
    await sleep(POLL_MS);
    position = await positionOf();
  }
};

/** Returns when the position has been reached, or after a second: nobody asked for it, but people expect to find what they wrote. */
export const awaitOwnWrite = async (positionOf: PositionOf, written: number): Promise<void> => {
  if (written === 0) return;
  const deadline = performance.now() + OWN_WAIT_MAX_MS;
  while (performance.now() < deadline && (await positionOf()) < written) await sleep(POLL_MS);
};
