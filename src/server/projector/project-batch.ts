import pg, { type Pool, type PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { applyEvents, byStream } from './apply-events.ts';
import { advance, beginCheckpoints, readCheckpoints } from './checkpoints.ts';
import { lazyEvent, type LazyEvent, messageOf, type Poison } from './fold-events.ts';
import { enterGate } from './gate.ts';
import type { Lease } from './leases.ts';
import { parkingOf, parkStream, readParked } from './parked-streams.ts';
import { type LogRow, readEventsSince } from './read-events.ts';
import { isRefusal } from './refusal.ts';
import { BY_KEY, type Target } from './stored-rows.ts';
import { inTransaction } from './transaction.ts';

/**
 * Events a transaction. More of them meet in one row: PostgreSQL took 100 µs an event at 250, 80 at 1000 and 2000, 60 at 4000,
 * where a batch alone makes the lag that phones and lists may see.
 */
const BATCH_EVENTS = 2000;
const SETTINGS = {
  ...BY_KEY,
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '60s',
  // What a crash takes away, rows and checkpoints alike, is folded again from the log, which is flushed.
  synchronous_commit: 'off',
};

export interface BatchResult {
  /** 0: every projection stands at the end of the log. */
  readonly events: number;
  readonly parked: readonly (Poison & { readonly projection: string })[];
}

/** The checkpoint was not where we left it, or the lease is somebody else's: nothing was written. */
export class LeaseLost extends Error {}

/** Folds the events of one stream, and where PostgreSQL refuses a row, event by event up to the guilty one. */
const applyStream = async (client: PoolClient, target: Target, events: readonly LazyEvent[]): Promise<Poison[]> => {
  const attempt = async (part: readonly LazyEvent[]): Promise<Poison[]> => {
    await client.query('savepoint stream');
    try {
      const poisons = await applyEvents(client, target, part);
      await client.query('release savepoint stream');
      return poisons;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await client.query('rollback to savepoint stream');
      const [first] = part as [LazyEvent];
      return [{ streamId: first.row.stream_id, position: first.row.position, error: messageOf(error) }];
    }
  };
  const poisons = await attempt(events);
  if (poisons.length === 0 || events.length === 1) return poisons;
  for (const event of events) {
    const [poison] = await attempt([event]);
    if (poison !== undefined) return [poison];
  }
  return [];
};

/** One projection's part of a batch. */
interface Share {
  readonly target: Target;
  readonly events: readonly LazyEvent[];
}
type Apply = (client: PoolClient, shares: readonly Share[]) => Promise<Poison[][]>;

/** The client for callers that do not know of each other: a statement waits for the ones before it, failed or not. */
const inTurn = (client: PoolClient): PoolClient => {
  let last: Promise<unknown> = Promise.resolve();
  const query = (statement: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> => {
    const result = last.then(() => client.query(statement, values));
    last = result.catch(() => undefined);
    return result;
  };
  return Object.create(client, { query: { value: query } }) as PoolClient;
};

/**
 * All projections at once over one connection, which takes their statements in turn: one folds while another's rows are
 * written. Waits for all of them even when one fails, as the rollback must come last.
 */
const applyTogether: Apply = async (client, shares) => {
  const shared = inTurn(client);
  const results = await Promise.allSettled(shares.map(({ target, events }) => applyEvents(shared, target, events)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  // Whatever follows the first failure in a transaction fails for that alone.
  const [first] = failures.filter((error) => !isAftermath(error)).concat(failures);
  if (first !== undefined) throw first;
  return results.map((result) => (result.status === 'fulfilled' ? result.value : []));
};

const isAftermath = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '25P02';

/** Stream by stream, to find those that PostgreSQL refuses. */
const applyCarefully: Apply = async (client, shares) => {
  const poisons: Poison[][] = [];
  for (const { target, events } of shares) {
    const found: Poison[] = [];
    for (const list of byStream(events).values()) found.push(...(await applyStream(client, target, list)));
    poisons.push(found);
  }
  return poisons;
};

interface Batch {
  readonly lease: Lease;
  readonly projections: readonly Projection[];
  readonly from: number;
  readonly to: number;
  readonly rows: readonly LogRow[];
}

const sharesOf = ({ lease, projections, rows }: Batch, parked: ReadonlyMap<string, ReadonlySet<Uuid>>): Share[] => {
  const events = rows.map(lazyEvent);
  return projections.map((projection) => {
    const standing = parked.get(parkingOf(projection));
    const handles = handledBy(projection);
    const mine = events.filter(
      ({ row }) =>
        row.stream_type === projection.stream && handles.has(row.type) && standing?.has(row.stream_id) !== true,
    );
    return { target: { projection, workspaceId: lease.workspaceId, suffix: '' }, events: mine };
  });
};

const writeBatch = (pool: Pool, batch: Batch, apply: Apply): Promise<BatchResult> =>
  inTransaction(
    pool,
    async (client) => {
      const { lease, projections, rows } = batch;
      await enterGate(client, projections);
      if (!(await advance(client, lease, batch))) throw new LeaseLost(`workspace ${lease.workspaceId}`);
      const shares = sharesOf(batch, await readParked(client, lease.workspaceId));
      const poisons = await apply(client, shares);
      const parked = shares.flatMap(({ target: { projection } }, index) =>
        (poisons[index] ?? []).map((poison) => ({ ...poison, projection })),
      );
      for (const { projection, ...poison } of parked) {
        await parkStream(client, lease.workspaceId, projection, poison);
      }
      return {
        events: rows.length,
        parked: parked.map((poison) => ({ ...poison, projection: poison.projection.name })),
      };
    },
    { settings: SETTINGS },
  );

const handled = new WeakMap<Projection, ReadonlySet<string>>();
const handledBy = (projection: Projection): ReadonlySet<string> => {
  const types = handled.get(projection) ?? new Set<string>(projection.handles);
  handled.set(projection, types);
  return types;
};

/**
 * Feeds the next events to the projections that stand furthest behind in a workspace: rows and checkpoints change in one
 * transaction. Those behind stop where the next ones stand, so that one read of the log soon feeds all of them.
 *
 * @throws LeaseLost where another node took over meanwhile
 */
export const projectBatch = async (
  pool: Pool,
  lease: Lease,
  projections: readonly Projection[],
): Promise<BatchResult> => {
  const { workspaceId } = lease;
  const positions = await readCheckpoints(pool, workspaceId, projections);
  if (positions.size < projections.length) await beginCheckpoints(pool, workspaceId, projections);
  const at = ({ name }: Projection): number => positions.get(name) ?? 0;
  const from = Math.min(...projections.map(at));
  const behind = projections.filter((projection) => at(projection) === from);
  const upTo = Math.min(...projections.map(at).filter((position) => position > from), Number.MAX_SAFE_INTEGER);
  const rows = await readEventsSince(pool, workspaceId, { after: from, upTo, limit: BATCH_EVENTS });
  const last = rows.at(-1);
  if (last === undefined) return { events: 0, parked: [] };
  const batch: Batch = { lease, projections: behind, from, to: last.position, rows };
  try {
    return await writeBatch(pool, batch, applyTogether);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await writeBatch(pool, batch, applyCarefully);
  }
};
