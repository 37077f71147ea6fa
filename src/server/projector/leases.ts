import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';

/** The right to project a workspace, until it expires. */
export interface Lease {
  readonly workspaceId: Uuid;
  /** Those that project the same versions share the work; others do theirs beside them. */
  readonly fleet: string;
  readonly holder: Uuid;
  /** Grows with every new holder: rows written under an old number are refused with the checkpoint's move. */
  readonly fence: number;
}

/** How long after its last sign of life a holder is replaced: with a poll and what piled up, all is well again within 10 s. */
export const LEASE_SECONDS = 6;

const CLAIM = `insert into projection_lease as l (workspace_id, fleet, holder, expires_at)
  values ($1, $4, $2, now() + make_interval(secs => $3))
  on conflict (workspace_id, fleet) do update
    set holder = excluded.holder, expires_at = excluded.expires_at,
        fence = l.fence + case when l.holder = excluded.holder then 0 else 1 end
    where l.holder = excluded.holder or l.expires_at <= now()
  returning fence`;

/** Who projects, and which versions. */
export interface ProjectorNode {
  readonly holder: Uuid;
  readonly fleet: string;
}

/** Stands for the versions that a server projects. */
export const fleetOf = (projections: readonly Pick<Projection, 'name' | 'version'>[]): string =>
  createHash('sha256')
    .update(
      projections
        .map(({ name, version }) => `${name} ${version}`)
        .toSorted()
        .join(),
    )
    .digest('base64url')
    .slice(0, 22);

/** Takes or renews the lease; undefined while another holder is alive. */
export const claimLease = async (
  pool: Pool,
  workspaceId: Uuid,
  { holder, fleet }: ProjectorNode,
): Promise<Lease | undefined> => {
  const { rows } = await pool.query<{ fence: number }>({
    name: 'projector_claim',
    text: CLAIM,
    values: [workspaceId, holder, LEASE_SECONDS, fleet],
  });
  return rows[0] === undefined ? undefined : { workspaceId, fleet, holder, fence: rows[0].fence };
};

/** Lets others take over at once. */
export const releaseLeases = async (pool: Pool, holder: Uuid): Promise<void> => {
  await pool.query('update projection_lease set expires_at = now() where holder = $1', [holder]);
};

const RENEW_AFTER_MS = (LEASE_SECONDS * 1000) / 4;

/** The leases of one node. */
export interface LeaseKeeper {
  /** Takes the lease, renews it in time, or answers the one it has; undefined while another node holds it. */
  readonly hold: (workspaceId: Uuid) => Promise<Lease | undefined>;
  /** Asks the database the next time: what we know of this lease may be wrong. */
  readonly forget: (workspaceId: Uuid) => void;
  readonly release: () => Promise<void>;
}

export const keepLeases = (pool: Pool, node: ProjectorNode): LeaseKeeper => {
  const held = new Map<Uuid, { readonly lease: Lease; readonly since: number }>();
  return {
    hold: async (workspaceId) => {
      const known = held.get(workspaceId);
      const since = performance.now();
      if (known !== undefined && since - known.since < RENEW_AFTER_MS) return known.lease;
      held.delete(workspaceId);
      const lease = await claimLease(pool, workspaceId, node);
      if (lease !== undefined) held.set(workspaceId, { lease, since });
      return lease;
    },
    forget: (workspaceId) => void held.delete(workspaceId),
    release: () => releaseLeases(pool, node.holder),
  };
};
