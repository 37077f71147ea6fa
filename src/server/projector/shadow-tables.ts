import { setTimeout as delay } from 'node:timers/promises';
import pg, { type Pool, type PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { setCheckpoints } from './checkpoints.ts';
import { missingIn } from './ensure-tables.ts';
import { closeGate } from './gate.ts';
import { dropSideTables, each, letVacuum } from './side-tables.ts';
import { BY_KEY } from './stored-rows.ts';
import { forgetRebuild } from './rebuild-state.ts';
import { renameTable, RETIRED, SHADOW, tableName, viewName } from './tables.ts';
import { inTransaction } from './transaction.ts';
import { joiningViews, replaceViews } from './views.ts';

/** Tables that a swap replaced: dropping them takes longer than the swap, and nobody waits for it. */
export const dropRetired = (pool: Pool, projections: readonly Projection[]): Promise<void> =>
  dropSideTables(pool, projections, RETIRED);

const SWAP_SETTINGS = { ...BY_KEY, lock_timeout: '5s', statement_timeout: '60s' };
const SWAP_ATTEMPTS = 60;
const SWAP_PAUSE_MS = 500;

/** Readers keep the tables busy: the swap steps back and tries again. */
class TablesBusy extends Error {}

const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';

/**
 * Locks views and the tables under them, in less than the second after which PostgreSQL looks for deadlocks: a reader may
 * hold some of them and wait for others, and then it is the swap that gives way, never the reader.
 */
const lockTables = async (client: PoolClient, tables: readonly string[]): Promise<void> => {
  try {
    await client.query(`set local statement_timeout = '800ms'`);
    await client.query(`lock table ${tables.join(', ')} in access exclusive mode`);
    await client.query(`set local statement_timeout = '${SWAP_SETTINGS.statement_timeout}'`);
  } catch (error) {
    const busy = error instanceof pg.DatabaseError && [LOCK_NOT_AVAILABLE, QUERY_CANCELED].includes(error.code ?? '');
    throw busy ? new TablesBusy('readers keep the tables busy', { cause: error }) : error;
  }
};

/** Those of the names that are tables or views. */
const existing = async (client: Pool | PoolClient, names: readonly string[]): Promise<readonly string[]> => {
  const text = 'select name from unnest($1::text[]) name where to_regclass(name) is not null';
  return (await client.query<{ name: string }>(text, [names])).rows.map(({ name }) => name);
};

/** @param fresh versions that nothing serves yet: those before them stay, for the servers that read them */
const swap = async (
  client: PoolClient,
  projections: readonly Projection[],
  fresh: readonly Projection[],
): Promise<void> => {
  const names = each(projections).map(([, table]) => viewName(table));
  const views = [...(await joiningViews(client, names)), ...(await existing(client, names))];
  if (views.length > 0) {
    await lockTables(client, views);
    await client.query(`drop view ${views.join(', ')}`);
  }
  for (const [projection, table] of each(projections)) {
    await client.query(letVacuum([projection, table, SHADOW], true));
    const retires = fresh.includes(projection) ? [] : renameTable(projection, table, '', RETIRED);
    await client.query([...retires, ...renameTable(projection, table, SHADOW, '')].join(';'));
  }
  await replaceViews(client, projections);
};

const NOTE = `insert into projection (name, version, rebuilt_at) values ($1, $2, now())
  on conflict (name, version) do update set rebuilt_at = excluded.rebuilt_at`;

const attempt = (pool: Pool, projections: readonly Projection[], finish: Finish): Promise<void> =>
  inTransaction(
    pool,
    async (client) => {
      await closeGate(client, projections);
      const positions = await finish(client);
      const fresh = await missingIn(client, projections);
      for (const projection of projections) {
        const { name, version } = projection;
        await setCheckpoints(client, projection, positions);
        await client.query('delete from parked_stream where projection = $1 and version = $2', [name, version]);
        await client.query(NOTE, [name, version]);
      }
      await swap(client, projections, fresh);
      await forgetRebuild(client);
    },
    { settings: SWAP_SETTINGS },
  );

const VACUUMED = `select distinct relation::regclass::text as name from pg_locks
  where mode = 'ShareUpdateExclusiveLock' and relation = any($1::regclass[])`;

/**
 * PostgreSQL ends an automatic vacuum for who has waited a second for its table; the swap never waits that long. This
 * waits, for one table at a time, in a mode that readers and writers do not notice.
 */
const endVacuums = async (pool: Pool, projections: readonly Projection[]): Promise<void> => {
  const tables = each(projections).flatMap(([projection, table]) =>
    (['', SHADOW] as const).map((suffix) => tableName(projection, table, suffix)),
  );
  const { rows } = await pool.query<{ name: string }>(VACUUMED, [await existing(pool, tables)]);
  for (const { name } of rows) {
    const lock = `lock table ${name} in share update exclusive mode`;
    // Whoever else holds it so long, the swap finds out.
    await inTransaction(pool, (client) => client.query(lock), { settings: { statement_timeout: '2s' } }).catch(
      () => {},
    );
  }
};

/** Folds the last events into the shadow tables and says where they stand then. */
type Finish = (client: PoolClient) => Promise<ReadonlyMap<Uuid, number>>;

/**
 * Puts the shadow tables into the place of the live ones, with checkpoints and views, in one transaction in which no
 * projector writes. Readers wait for its end, a moment.
 */
export const swapShadows = async (pool: Pool, projections: readonly Projection[], finish: Finish): Promise<void> => {
  for (let left = SWAP_ATTEMPTS; ; left--) {
    try {
      await endVacuums(pool, projections);
      return await attempt(pool, projections, finish);
    } catch (error) {
      const busy =
        error instanceof TablesBusy || (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE);
      if (!busy || left <= 1) throw error;
      await delay(SWAP_PAUSE_MS);
    }
  }
};
