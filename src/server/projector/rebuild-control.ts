import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { projections as allProjections } from '../../../projections/registry.ts';

/** How a rebuild stands, for whoever waits for it. */
export interface RebuildStatus {
  readonly projections: readonly string[];
  readonly phase: 'folding' | 'indexing' | 'catching up' | 'swapping';
  readonly wanted: 'running' | 'paused' | 'canceled';
  /** Whether a process is at it now. */
  readonly running: boolean;
  /** Folded, of all that the log held when it began. */
  readonly eventsDone: number;
  readonly events: number;
  readonly rangesDone: number;
  readonly ranges: number;
  readonly startedAt: string;
  /** Of folding, by the speed of the ranges so far; null where there is nothing to go by. */
  readonly secondsLeft: number | null;
}

const STATUS = `select r.projections, r.phase, r.wanted, r.started_at as "startedAt", r.events,
    d.events as "eventsDone", d.ranges as "rangesDone", d.all_ranges as ranges,
    exists (select from pg_locks where locktype = 'advisory' and granted
             and database = (select oid from pg_database where datname = current_database())
             and (classid::bigint << 32 | objid::bigint) = $1) as running,
    case when r.phase = 'folding' and d.ranges > 1 and d.last > d.first
         then extract(epoch from d.last - d.first) / (d.ranges - 1) * (d.all_ranges - d.ranges) end::float8 as "secondsLeft"
  from rebuild r cross join lateral (
    select coalesce(sum(g.events), 0)::bigint as events, count(g.done_at)::integer as ranges, count(*)::integer as all_ranges,
           min(g.done_at) as first, max(g.done_at) as last
    from rebuild_range g where g.rebuild_id = r.rebuild_id) d`;

/** Two rebuilds never run at once; any number that nobody else takes by accident. */
export const REBUILD_LOCK = 5_323_399_205;

/** undefined where none is under way or was cut short. */
export const rebuildStatus = async (pool: Pool): Promise<RebuildStatus | undefined> => {
  const { rows } = await pool.query<RebuildStatus>(STATUS, [REBUILD_LOCK]);
  return rows[0];
};

const WANT = 'update rebuild set wanted = $1 returning projections';

/** Tells whoever is at the rebuild, or goes on with it; what it is of, undefined where there is none. */
export const wantRebuild = async (
  pool: Pool,
  wanted: RebuildStatus['wanted'],
): Promise<readonly Projection[] | undefined> => {
  const { rows } = await pool.query<{ projections: readonly string[] }>(WANT, [wanted]);
  const names = rows[0]?.projections;
  return names && allProjections.filter(({ name }) => names.includes(name));
};
