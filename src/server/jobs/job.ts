import type { Uuid } from '../../shared/base/ids.ts';
import type { Connections } from '../database/workspace-pool.ts';

/** A workspace's own work at a moment. */
export interface JobRun {
  readonly workspaceId: Uuid;
  readonly statements: Connections;
  readonly due: Date;
  /**
   * SQL that ends the run: the update that a job puts into its own last statement (`with run as (…)`), so that what it
   * writes and that it is done are one. It answers no row where another server took the run over meanwhile.
   */
  readonly done: (firstParameter: number) => { readonly text: string; readonly values: readonly unknown[] };
}

/** Something to do for every workspace from time to time, exactly once a moment however many servers there are. */
export interface Job {
  readonly name: string;
  /** When to look whether something is due (node-cron, UTC). */
  readonly schedule: string;
  /** The moments up to now that the workspace's work is for; ones that are done already are left out by the runner. */
  readonly due: (statements: Connections, workspaceId: Uuid, now: Date) => Promise<readonly Date[]>;
  readonly run: (run: JobRun) => Promise<void>;
}
