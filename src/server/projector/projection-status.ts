import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { projections as allProjections } from '../../../projections/registry.ts';
import type { Uuid } from '../../shared/base/ids.ts';

/** How far one projection is, over all workspaces, or in one. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /** Workspaces with events that it has not seen. */
  readonly behind: number;
  /** Where it is worst: events recorded and not yet seen, and seconds since the oldest of them was recorded. */
  readonly lagEvents: number;
  readonly lagSeconds: number;
  /** Streams that it cannot fold and that stand still. */
  readonly parkedStreams: number;
}

export interface ParkedStream {
  readonly workspaceId: Uuid;
  readonly projection: string;
  readonly version: number;
  readonly streamType: string | null;
  readonly streamId: Uuid;
  /** The event at which it failed first. */
  readonly position: number;
  readonly error: string;
  readonly attempts: number;
  readonly since: string;
  readonly retriedAt: string | null;
}

const parameters = (projections: readonly Projection[]) => [
  projections.map(({ name }) => name),
  projections.map(({ version }) => version),
];

/** The time of an event is asked for where one is behind, which nearly none is. */
const STATUS = `select p.name, p.version, count(*) filter (where w.head > l.position)::integer as behind,
    coalesce(max(w.head - l.position), 0)::integer as "lagEvents",
    coalesce(max(case when w.head > l.position then extract(epoch from clock_timestamp() - (
      select e.recorded_at from event e where e.workspace_id = w.workspace_id and e.position = l.position + 1)) end), 0)::float8 as "lagSeconds",
    coalesce((select count(*) from parked_stream s
               where s.projection = p.name and s.version = p.version and ($3::uuid is null or s.workspace_id = $3)), 0)::integer as "parkedStreams"
  from unnest($1::text[], $2::integer[]) with ordinality as p(name, version, place)
  left join workspace w on $3::uuid is null or w.workspace_id = $3
  left join projection_checkpoint c on c.workspace_id = w.workspace_id and c.projection = p.name and c.version = p.version
  cross join lateral (select coalesce(c.position, 0) as position) l
  group by p.place, p.name, p.version order by p.place`;

/**
 * Each projection of the registry, in its order. Over 10,000 workspaces it takes as long as reading their checkpoints.
 *
 * @param workspaceId undefined: of all workspaces
 */
export const projectionStatus = async (
  pool: Pool,
  workspaceId?: Uuid,
  projections: readonly Projection[] = allProjections,
): Promise<ProjectionStatus[]> => {
  const { rows } = await pool.query<ProjectionStatus>(STATUS, [...parameters(projections), workspaceId]);
  return rows;
};

const PARKED_MAX = 100;

const PARKED = `select p.workspace_id as "workspaceId", p.projection, p.version, s.stream_type as "streamType",
    p.stream_id as "streamId", p.position, p.error, p.attempts, p.parked_at as since, p.retried_at as "retriedAt"
  from parked_stream p left join stream s on s.workspace_id = p.workspace_id and s.stream_id = p.stream_id
  where $1::uuid is null or p.workspace_id = $1
  order by p.parked_at, p.projection, p.stream_id limit ${PARKED_MAX}`;

/** The streams that were parked first, a hundred at most. */
export const parkedStreams = async (pool: Pool, workspaceId?: Uuid): Promise<ParkedStream[]> =>
  (await pool.query<ParkedStream>(PARKED, [workspaceId])).rows;
