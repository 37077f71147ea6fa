import type { PushResult } from '../../shared/contract/sync.ts';

/** How many verdicts of each kind this server gave since it started. */
export interface VerdictCounts {
  readonly count: (results: readonly PushResult[]) => void;
  readonly totals: () => Readonly<Record<string, number>>;
}

export const createVerdictCounts = (): VerdictCounts => {
  const totals: Record<string, number> = {};
  return {
    count: (results) => {
      for (const { status } of results) totals[status] = (totals[status] ?? 0) + 1;
    },
    totals: () => totals,
  };
};
