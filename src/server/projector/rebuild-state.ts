import { createHash, randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { RebuildStopped } from './rebuild-failed.ts';
import { each } from './side-tables.ts';
import type { StreamKey, StreamRange } from './stream-ranges.ts';
import { createTable, SHADOW, tableName } from './tables.ts';
import { inTransaction } from './transaction.ts';

/** A range whose end is noted with its rows. */
export interface NotedRange extends StreamRange {
  readonly rebuildId: Uuid;
  readonly ordinal: number;
}

/** What a rebuild, begun now or before, has to do. */
export interface RebuildState {
  readonly rebuildId: Uuid;
  /** Up to which positions the ranges are folded, or where the shadow tables stand by now. */
  readonly positions: Map<Uuid, number>;
  /** Not folded yet. */
  readonly ranges: readonly NotedRange[];
  readonly events: number;
  readonly folded: number;
}

/** Versions say what a fold makes, the tables what it is stored in: only what agrees in both goes on. */
const fingerprintOf = (projections: readonly Projection[]): string => {
  const made = each(projections).map(([projection, table]) => createTable(projection, table, SHADOW));
  return createHash('sha256').update(made.toSorted().join('\n')).digest('base64url');
};

const keyOf = (key: readonly Uuid[] | null): StreamKey | undefined =>
  key === null ? undefined : [key[0] as Uuid, key[1] as Uuid];

const READ = `select r.rebuild_id as "rebuildId", r.events,
    coalesce((select sum(events) from rebuild_range where rebuild_id = r.rebuild_id and done_at is not null), 0)::bigint as folded,
    (select bool_and(to_regclass(name) is not null) from unnest($2::text[]) name) as whole
  from rebuild r where r.fingerprint = $1`;
const READ_RANGES = `select ordinal, from_key, before_key from rebuild_range where rebuild_id = $1 and done_at is null order by ordinal`;
const READ_POSITIONS = 'select workspace_id, position from rebuild_position where rebuild_id = $1';

/** The unfinished rebuild of exactly these versions; undefined where there is none, or its tables are gone. */
export const unfinished = async (pool: Pool, projections: readonly Projection[]): Promise<RebuildState | undefined> => {
  const shadows = each(projections).map(([projection, table]) => tableName(projection, table, SHADOW));
  const { rows } = await pool.query<{ rebuildId: Uuid; events: number; folded: number; whole: boolean }>(READ, [
    fingerprintOf(projections),
    shadows,
  ]);
  const [found] = rows;
  if (found === undefined || !found.whole) return undefined;
  const { rebuildId, events, folded } = found;
  const ranges = await pool.query<{ ordinal: number; from_key: Uuid[] | null; before_key: Uuid[] | null }>(
    READ_RANGES,
    [rebuildId],
  );
  const positions = await pool.query<{ workspace_id: Uuid; position: number }>(READ_POSITIONS, [rebuildId]);
  return {
    rebuildId,
    events,
    folded,
    positions: new Map(positions.rows.map((row) => [row.workspace_id, row.position])),
    ranges: ranges.rows.map((row) => ({
      rebuildId,
      ordinal: row.ordinal,
      from: keyOf(row.from_key),
      before: keyOf(row.before_key),
    })),
  };
};

const BEGIN = 'insert into rebuild (rebuild_id, fingerprint, projections, events) values ($1, $2, $3, $4)';
const BEGIN_RANGES = `insert into rebuild_range (rebuild_id, ordinal, from_key, before_key)
  select $1, r.ordinal, r."from", r.before from json_to_recordset($2) as r(ordinal integer, "from" uuid[], before uuid[])`;
const BEGIN_POSITIONS = `insert into rebuild_position (rebuild_id, workspace_id, position)
  select $1, p.id, p.position from unnest($2::uuid[], $3::bigint[]) as p(id, position)`;

/** Forgets whatever rebuild there was. */
export const forgetRebuild = async (client: Pool | PoolClient): Promise<void> => {
  for (const table of ['rebuild_position', 'rebuild_range', 'rebuild']) await client.query(`delete from ${table}`);
};

/** Notes a rebuild that begins, in the place of any other. Its tables are there and empty. */
export const beginRebuild = (
  pool: Pool,
  projections: readonly Projection[],
  begun: {
    readonly heads: ReadonlyMap<Uuid, number>;
    readonly ranges: readonly StreamRange[];
    readonly events: number;
  },
): Promise<RebuildState> =>
  inTransaction(pool, async (client) => {
    const { heads, events } = begun;
    const rebuildId = randomUUID();
    const ranges = begun.ranges.map((range, ordinal) => ({ ...range, rebuildId, ordinal }));
    await forgetRebuild(client);
    await client.query(BEGIN, [rebuildId, fingerprintOf(projections), projections.map(({ name }) => name), events]);
    await client.query(BEGIN_RANGES, [rebuildId, JSON.stringify(ranges)]);
    await client.query(BEGIN_POSITIONS, [rebuildId, [...heads.keys()], [...heads.values()]]);
    return { rebuildId, positions: new Map(heads), ranges, events, folded: 0 };
  });

/** Notes a range as done, in the transaction that stores its rows. */
export const endRange = async (
  client: PoolClient,
  { rebuildId, ordinal }: NotedRange,
  events: number,
): Promise<void> => {
  await client.query('update rebuild_range set done_at = now(), events = $3 where rebuild_id = $1 and ordinal = $2', [
    rebuildId,
    ordinal,
    events,
  ]);
};

const MOVE = `insert into rebuild_position (rebuild_id, workspace_id, position) values ($1, $2, $3)
  on conflict (workspace_id, rebuild_id) do update set position = excluded.position`;

/** Notes how far the tables have come in a workspace, in the transaction that brings them there. */
export const notePosition = async (
  client: PoolClient,
  rebuildId: Uuid,
  [workspaceId, position]: readonly [Uuid, number],
): Promise<void> => {
  await client.query(MOVE, [rebuildId, workspaceId, position]);
};

const PHASE = 'update rebuild set phase = $2 where rebuild_id = $1 returning wanted';

/**
 * Notes where a rebuild is, and hears what somebody wants of it.
 *
 * @throws RebuildStopped where it is to pause or to end
 */
export const notePhase = async (pool: Pool, rebuildId: Uuid, phase: string): Promise<void> => {
  const { rows } = await pool.query<{ wanted: string }>(PHASE, [rebuildId, phase]);
  const wanted = rows[0]?.wanted ?? 'canceled';
  if (wanted !== 'running') throw new RebuildStopped(`the rebuild was ${wanted}`, wanted === 'paused');
};
