import type { Entry } from '../view/outbox.ts';

/**
 * Finds the unit over which a server keeps failing, without ever holding up the others: a batch that failed twice is
 * halved until one unit is left, and that one is guilty if the server answers without it.
 */
export interface Suspects {
  /** Units a batch may hold for now. */
  units(): number;
  /** What to do next: the same or a smaller batch, or a request without any. */
  failed(batch: readonly Entry[], atOnce: boolean): 'again' | 'probe';
  succeeded(): void;
}

export const createSuspects = (): Suspects => {
  let units = Infinity;
  let strikes = 0;
  let probed = false;
  return {
    units: () => units,
    failed: (batch, atOnce) => {
      strikes += 1;
      if (!atOnce && strikes < 2) return 'again';
      strikes = 0;
      units = Math.max(1, Math.ceil(batch.length / 2));
      if (probed && batch.length > 1) return 'again';
      probed = true;
      return 'probe';
    },
    succeeded: () => {
      strikes = 0;
      units *= 2;
    },
  };
};
