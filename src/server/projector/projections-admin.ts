import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { projections as allProjections } from '../../../projections/registry.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { fleetOf } from './leases.ts';
import { type ParkedChoice, retryParked, type Retried } from './parked-streams.ts';
import { rebuildStatus, type RebuildStatus } from './rebuild-control.ts';
import { parkedStreams, type ParkedStream, projectionStatus, type ProjectionStatus } from './projection-status.ts';

/** How the read models of a workspace stand. */
export interface WorkspaceStatus {
  readonly head: number;
  /** The node that projects it now, among those of these versions; null where none does. */
  readonly holder: Uuid | null;
  readonly projections: readonly (Omit<ProjectionStatus, 'behind'> & { readonly position: number })[];
  readonly parked: readonly ParkedStream[];
  /** Of all workspaces together; null where none is under way or was cut short. */
  readonly rebuild: RebuildStatus | null;
}

export interface ProjectionsAdmin {
  readonly status: (workspaceId: Uuid) => Promise<WorkspaceStatus>;
  /** Folds parked streams anew. */
  readonly retry: (workspaceId: Uuid, choice: ParkedChoice) => Promise<Retried>;
}

const holderOf = async (pool: Pool, workspaceId: Uuid, projections: readonly Projection[]): Promise<Uuid | null> => {
  const { rows } = await pool.query<{ holder: Uuid }>(
    'select holder from projection_lease where workspace_id = $1 and fleet = $2 and expires_at > now()',
    [workspaceId, fleetOf(projections)],
  );
  return rows[0]?.holder ?? null;
};

const headOf = async (pool: Pool, workspaceId: Uuid): Promise<number> => {
  const { rows } = await pool.query<{ head: number }>('select head from workspace where workspace_id = $1', [
    workspaceId,
  ]);
  return rows[0]?.head ?? 0;
};

/** What whoever runs a workspace may know and do about its read models. */
export const projectionsAdmin = (
  pool: Pool,
  projections: readonly Projection[] = allProjections,
): ProjectionsAdmin => ({
  status: async (workspaceId) => {
    const [head, status, parked, holder, rebuild] = await Promise.all([
      headOf(pool, workspaceId),
      projectionStatus(pool, workspaceId, projections),
      parkedStreams(pool, workspaceId),
      holderOf(pool, workspaceId, projections),
      rebuildStatus(pool),
    ]);
    return {
      head,
      holder,
      projections: status.map(({ behind, ...one }) => ({
        ...one,
        position: behind === 0 ? head : head - one.lagEvents,
      })),
      parked,
      rebuild: rebuild ?? null,
    };
  },
  retry: (workspaceId, choice) => retryParked(pool, projections, { ...choice, workspaceId }),
});
