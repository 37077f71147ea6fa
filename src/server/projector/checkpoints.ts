import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Lease } from './leases.ts';

const names = (projections: readonly Projection[]) => projections.map(({ name }) => name);
const versions = (projections: readonly Projection[]) => projections.map(({ version }) => version);

const READ = `select p.name, c.position
  from unnest($2::text[], $3::integer[]) as p(name, version)
  join projection_checkpoint c on c.workspace_id = $1 and c.projection = p.name and c.version = p.version`;

/** How far each projection has come in a workspace, by name; without those that have not begun. */
export const readCheckpoints = async (
  source: Pool | PoolClient,
  workspaceId: Uuid,
  projections: readonly Projection[],
): Promise<Map<string, number>> => {
  const { rows } = await source.query<{ name: string; position: number }>({
    name: 'projector_checkpoints',
    text: READ,
    values: [workspaceId, names(projections), versions(projections)],
  });
  return new Map(rows.map(({ name, position }) => [name, position]));
};

const BEGIN = `insert into projection_checkpoint (workspace_id, projection, version)
  select $1, name, version from unnest($2::text[], $3::integer[]) as p(name, version) on conflict do nothing`;

/** Makes the checkpoints that a workspace does not have yet. */
export const beginCheckpoints = async (
  source: Pool | PoolClient,
  workspaceId: Uuid,
  projections: readonly Projection[],
): Promise<void> => {
  await source.query(BEGIN, [workspaceId, names(projections), versions(projections)]);
};

const ADVANCE = `update projection_checkpoint c set position = $5
  from projection_lease l
  where c.workspace_id = $1 and (c.projection, c.version) in (select * from unnest($2::text[], $3::integer[]))
    and c.position = $4
    and l.workspace_id = c.workspace_id and l.fleet = $8 and l.holder = $6 and l.fence = $7`;

/**
 * Moves the checkpoints of projections that stand at one place, if they still stand there and the lease is still ours.
 * False: somebody else was faster, and the caller must roll back.
 */
export const advance = async (
  client: PoolClient,
  { workspaceId, fleet, holder, fence }: Lease,
  move: { readonly projections: readonly Projection[]; readonly from: number; readonly to: number },
): Promise<boolean> => {
  const { projections, from, to } = move;
  const { rowCount } = await client.query({
    name: 'projector_advance',
    text: ADVANCE,
    values: [workspaceId, names(projections), versions(projections), from, to, holder, fence, fleet],
  });
  return rowCount === projections.length;
};

const SET = `insert into projection_checkpoint (workspace_id, projection, version, position)
  select w.id, $1, $2, w.position from unnest($3::uuid[], $4::bigint[]) as w(id, position)
  on conflict (workspace_id, projection, version) do update set position = excluded.position`;

/** Puts the checkpoints of a rebuilt projection to where its new tables stand. */
export const setCheckpoints = async (
  client: PoolClient,
  { name, version }: Projection,
  positions: ReadonlyMap<Uuid, number>,
): Promise<void> => {
  await client.query(SET, [name, version, [...positions.keys()], [...positions.values()]]);
};
