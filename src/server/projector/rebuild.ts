import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { applyEvents } from './apply-events.ts';
import { compareWithFold } from './compare-with-fold.ts';
import { ensureTables } from './ensure-tables.ts';
import { lazyEvent, type LazyEvent } from './fold-events.ts';
import { foldFailure } from './fold-range.ts';
import { foldRanges } from './fold-ranges.ts';
import { readEventsSince } from './read-events.ts';
import { RebuildBusy, RebuildFailed, RebuildStopped } from './rebuild-failed.ts';
import {
  beginRebuild,
  forgetRebuild,
  notePhase,
  notePosition,
  type RebuildState,
  unfinished,
} from './rebuild-state.ts';
import { REBUILD_LOCK } from './rebuild-control.ts';
import { isRefusal } from './refusal.ts';
import { dropRetired, swapShadows } from './shadow-tables.ts';
import { dropSideTables, indexSideTables, makeSideTables } from './side-tables.ts';
import { BY_KEY, type Target } from './stored-rows.ts';
import { RANGE_EVENTS, splitStreams } from './stream-ranges.ts';
import { SHADOW } from './tables.ts';
import { inTransaction } from './transaction.ts';

export interface RebuildProgress {
  readonly phase: 'folding' | 'indexing' | 'catching up' | 'swapping' | 'done';
  /** Events folded so far, of `total`. */
  readonly events: number;
  readonly total: number;
}

export interface RebuildOptions {
  /** About ten times a second at most. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** That fold beside this one, for projections of the registry; 0 where left out. */
  readonly threads?: number;
  /** In a transaction. */
  readonly rangeEvents?: number;
}

const BATCH_EVENTS = 1000;
/** With no more than this to go, the live tables' writers are stopped for the rest. */
const LAST_DELTA_EVENTS = 1000;
const CATCH_UP_ROUNDS_MAX = 1000;
const PROGRESS_MS = 100;

/** Where the shadow tables stand, by workspace. */
type Positions = Map<Uuid, number>;

const readHeads = async (source: Pool | PoolClient): Promise<Positions> => {
  const { rows } = await source.query<{ workspace_id: Uuid; head: number }>('select workspace_id, head from workspace');
  return new Map(rows.map((row) => [row.workspace_id, row.head]));
};

interface Building {
  readonly pool: Pool;
  readonly projections: readonly Projection[];
  readonly threads: number;
  readonly rangeEvents: number;
  readonly report: (phase: RebuildProgress['phase'], events: number, total: number) => void;
}

/** What is left of an unfinished rebuild of these versions, else a new one with empty shadow tables. */
const beginOrGoOn = async ({ pool, projections, rangeEvents }: Building): Promise<RebuildState> => {
  const left = await unfinished(pool, projections);
  if (left !== undefined) return left;
  await makeSideTables(pool, projections, SHADOW);
  const heads = await readHeads(pool);
  const events = [...heads.values()].reduce((sum, head) => sum + head, 0);
  return beginRebuild(pool, projections, { heads, events, ranges: await splitStreams(pool, events, rangeEvents) });
};

/** Folds the log up to the heads of the beginning into the shadow tables, range by range. */
const build = async (
  { pool, projections, threads, report }: Building,
  { rebuildId, positions, ranges, events, folded: before }: RebuildState,
): Promise<void> => {
  let folded = before;
  report('folding', folded, events);
  const folding = { pool, projections, heads: new Map(positions), suffix: SHADOW } as const;
  await foldRanges(folding, ranges, {
    threads,
    beforeRange: () => notePhase(pool, rebuildId, 'folding'),
    onFolded: (more) => report('folding', (folded += more), events),
  });
};

const applyStrictly = async (client: PoolClient, target: Target, events: readonly LazyEvent[]): Promise<void> => {
  const { projection, workspaceId } = target;
  const handles = new Set<string>(projection.handles);
  const mine = events.filter(({ row }) => row.stream_type === projection.stream && handles.has(row.type));
  try {
    const [poison] = await applyEvents(client, target, mine);
    if (poison !== undefined) throw foldFailure(projection, workspaceId, poison);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const range = `positions ${mine[0]?.row.position ?? 0} to ${mine.at(-1)?.row.position ?? 0}`;
    const what = `projection ${projection.name} makes a row of the events at ${range} in workspace ${workspaceId}`;
    throw new RebuildFailed(`${what} that PostgreSQL refuses: ${error.message}`, { cause: error });
  }
};

/** Folds the events of a workspace since the shadow tables' position, a batch at a time. */
const catchUpWorkspace = async (
  client: PoolClient,
  projections: readonly Projection[],
  positions: Positions,
  [workspaceId, head]: [Uuid, number],
): Promise<void> => {
  for (let after = positions.get(workspaceId) ?? 0; after < head; after = positions.get(workspaceId) ?? head) {
    const rows = await readEventsSince(client, workspaceId, { after, upTo: head, limit: BATCH_EVENTS });
    const events = rows.map(lazyEvent);
    for (const projection of projections) {
      await applyStrictly(client, { projection, workspaceId, suffix: SHADOW }, events);
    }
    positions.set(workspaceId, rows.at(-1)?.position ?? head);
  }
};

const behindBy = (positions: Positions, heads: Positions): number =>
  [...heads].reduce((sum, [workspaceId, head]) => sum + head - (positions.get(workspaceId) ?? 0), 0);

const catchUp = async (
  { pool, projections, report }: Building,
  { rebuildId, positions }: RebuildState,
): Promise<void> => {
  for (let round = 0; round < CATCH_UP_ROUNDS_MAX; round++) {
    const heads = await readHeads(pool);
    const behind = behindBy(positions, heads);
    report('catching up', 0, behind);
    await notePhase(pool, rebuildId, 'catching up');
    if (behind <= LAST_DELTA_EVENTS) return;
    for (const entry of heads) {
      // One transaction a workspace, which the next attempt goes on behind.
      await inTransaction(
        pool,
        async (client) => {
          await catchUpWorkspace(client, projections, positions, entry);
          await notePosition(client, rebuildId, entry);
        },
        { settings: BY_KEY },
      );
    }
  }
};

/** The last events and the swap, while nobody else writes to the tables. */
const finish = async (building: Building, positions: Positions): Promise<void> =>
  swapShadows(building.pool, building.projections, async (client) => {
    const reached = new Map(positions);
    for (const entry of await readHeads(client)) await catchUpWorkspace(client, building.projections, reached, entry);
    return reached;
  });

/**
 * Runs `work` where no rebuild is under way: the shadow tables have one name. The lock ends with its connection at the
 * latest; before that by name, as PostgreSQL may notice the end of a connection only after the next rebuild has asked.
 *
 * @throws RebuildBusy
 */
const alone = async (pool: Pool, work: () => Promise<void>): Promise<void> => {
  const client = await pool.connect();
  let unlocked = false;
  try {
    const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [REBUILD_LOCK]);
    if (rows[0]?.free !== true) throw new RebuildBusy('another rebuild is under way: wait for it to end');
    try {
      await work();
    } finally {
      await client.query('select pg_advisory_unlock($1)', [REBUILD_LOCK]).then(
        () => (unlocked = true),
        () => undefined,
      );
    }
  } finally {
    client.release(!unlocked);
  }
};

const throttled = (onProgress: NonNullable<RebuildOptions['onProgress']>): Building['report'] => {
  let last: RebuildProgress['phase'] | undefined;
  let lastAt = -Infinity;
  return (phase, events, total) => {
    if (phase === last && performance.now() - lastAt < PROGRESS_MS) return;
    last = phase;
    lastAt = performance.now();
    onProgress({ phase, events, total });
  };
};

/**
 * Makes the tables of these projections anew from the log, beside the live ones, and puts them into their place in one
 * short transaction, while everything goes on being served. Those of a new version get a place of their own beside the
 * ones before, and the views. Nothing is lost or doubled; ended at any moment, it leaves the live tables as they were,
 * and the next rebuild of the same versions goes on where this one was. Needs 4 connections of the pool.
 *
 * @throws RebuildFailed naming the event that cannot be folded; RebuildBusy; RebuildStopped
 */
export const rebuild = async (
  pool: Pool,
  projections: readonly Projection[],
  { onProgress = () => {}, threads = 0, rangeEvents = RANGE_EVENTS }: RebuildOptions = {},
): Promise<void> => {
  const building: Building = { pool, projections, threads, rangeEvents, report: throttled(onProgress) };
  await ensureTables(pool, projections);
  await alone(pool, async () => {
    await dropRetired(pool, projections);
    const state = await beginOrGoOn(building);
    try {
      await build(building, state);
      building.report('indexing', 0, 0);
      await notePhase(pool, state.rebuildId, 'indexing');
      await indexSideTables(pool, projections, SHADOW);
      await catchUp(building, state);
      await compareWithFold(pool, projections, { positions: state.positions, suffix: SHADOW });
      building.report('swapping', 0, 0);
      await notePhase(pool, state.rebuildId, 'swapping');
      await finish(building, state.positions);
    } catch (error) {
      // What failed would fail again, and what was canceled is not wanted; the rest goes on another time.
      if (error instanceof RebuildFailed && !(error instanceof RebuildStopped && error.isPause))
        await throwAway(pool, projections);
      throw error;
    }
    await dropRetired(pool, projections);
    building.report('done', 0, 0);
  });
};

/** Whatever there is of a rebuild of these projections. */
const throwAway = async (pool: Pool, projections: readonly Projection[]): Promise<void> => {
  await dropSideTables(pool, projections, SHADOW);
  await forgetRebuild(pool);
};

/** Throws away what a rebuild that was paused or cut short left behind. @throws RebuildBusy where a process is at it */
export const discardRebuild = (pool: Pool, projections: readonly Projection[]): Promise<void> =>
  alone(pool, () => throwAway(pool, projections));
