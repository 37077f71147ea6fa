import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { projections as allProjections } from '../../../projections/registry.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

const parameters = (projections: readonly Projection[]) => [
  projections.map(({ name }) => name),
  projections.map(({ version }) => version),
];

const POSITION = `select min(coalesce(c.position, 0)) as position
  from unnest($2::text[], $3::integer[]) as p(name, version)
  left join projection_checkpoint c on c.workspace_id = $1 and c.projection = p.name and c.version = p.version`;

/** The position that all read models of a workspace have reached; 0 before the first event. */
export const positionOf = async (
  statements: Statements,
  workspaceId: Uuid,
  projections: readonly Projection[] = allProjections,
): Promise<number> => {
  const values = [workspaceId, ...parameters(projections)];
  const { rows } = await statements.query<{ position: number | null }>({
    name: 'projected_position',
    text: POSITION,
    values,
  });
  return rows[0]?.position ?? 0;
};

/** The position that one read model's table has reached, in the transaction that reads it. */
export const positionOfTable = (statements: Statements, workspaceId: Uuid, table: string): Promise<number> =>
  positionOf(
    statements,
    workspaceId,
    allProjections.filter(({ tables }) => tables.some(({ name }) => name === table)),
  );

/** Workspaces with fewer checkpoints than projections have not been begun by all of them. */
const REACHED = `select workspace_id, case when count(*) = cardinality($1::text[]) then min(position) else 0 end as position
  from projection_checkpoint where (projection, version) in (select * from unnest($1::text[], $2::integer[]))
  group by workspace_id`;

const LAGGING = `select w.workspace_id from workspace w left join (${REACHED}) c using (workspace_id)
  where w.head > coalesce(c.position, 0)`;

/** The workspaces with events that some projection has not seen. */
export const laggingWorkspaces = async (pool: Pool, projections: readonly Projection[]): Promise<Uuid[]> => {
  const { rows } = await pool.query<{ workspace_id: Uuid }>({
    name: 'projector_lagging',
    text: LAGGING,
    values: parameters(projections),
  });
  return rows.map((row) => row.workspace_id);
};

/** Every workspace there is. */
export const allWorkspaces = async (pool: Pool): Promise<Uuid[]> => {
  const { rows } = await pool.query<{ workspace_id: Uuid }>('select workspace_id from workspace');
  return rows.map((row) => row.workspace_id);
};

/** How far the read models are behind, in the workspace where it is worst. */
export interface ProjectionLag {
  /** Recorded, not yet in every read model. */
  readonly events: number;
  /** Since the oldest of those was recorded. */
  readonly seconds: number;
  /** Streams that stand still because a projection cannot fold them. */
  readonly parkedStreams: number;
}

const LAG = `select coalesce(max(w.head - coalesce(c.position, 0)), 0) as events,
    coalesce(max(extract(epoch from clock_timestamp() - e.recorded_at)), 0)::float8 as seconds,
    (select count(*) from parked_stream p where (p.projection, p.version) in (select * from unnest($1::text[], $2::integer[]))) as parked
  from workspace w left join (${REACHED}) c using (workspace_id)
  left join event e on e.workspace_id = w.workspace_id and e.position = coalesce(c.position, 0) + 1
  where w.head > coalesce(c.position, 0)`;

/** For metrics: over all workspaces, as the projector sees them. */
export const projectionLag = async (
  pool: Pool,
  projections: readonly Projection[] = allProjections,
): Promise<ProjectionLag> => {
  const { rows } = await pool.query<{ events: number; seconds: number; parked: number }>(LAG, parameters(projections));
  const { events = 0, seconds = 0, parked = 0 } = rows[0] ?? {};
  return { events, seconds, parkedStreams: parked };
};
