import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { ensureTables } from './ensure-tables.ts';
import { RebuildBusy } from './rebuild-failed.ts';
import { rebuild } from './rebuild.ts';

const PAUSE_MS = 500;

export interface Building {
  /** That fold beside this one. */
  readonly threads: number;
  readonly onBuild: (missing: readonly Projection[]) => void;
}

/**
 * Makes the versions of read models that this code knows and the database does not. What has a log is built from it, beside
 * what other servers read meanwhile; where another server is at it, this one waits for its end.
 *
 * @throws RebuildFailed naming the event that a new version cannot take in: the server does not start then, the others serve
 */
export const buildMissing = async (
  pool: Pool,
  projections: readonly Projection[],
  { threads, onBuild }: Building,
): Promise<void> => {
  for (;;) {
    const missing = await ensureTables(pool, projections);
    if (missing.length === 0) return;
    onBuild(missing);
    try {
      await rebuild(pool, missing, { threads });
    } catch (error) {
      if (!(error instanceof RebuildBusy)) throw error;
      await delay(PAUSE_MS);
    }
  }
};
