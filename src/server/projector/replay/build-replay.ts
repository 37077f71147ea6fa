import type { Pool } from 'pg';
import { projections } from '../../../../projections/registry.ts';
import type { Role } from '../../../shared/contract/events/user.ts';
import type { Uuid } from '../../../shared/base/ids.ts';
import type { Database } from '../../database/pool.ts';
import { foldRanges } from '../fold-ranges.ts';
import { indexSideTables, makeSideTables } from '../side-tables.ts';
import { RANGE_EVENTS, splitStreams, type StreamRange } from '../stream-ranges.ts';
import { AS_OF } from '../tables.ts';
import { dropReplay } from './drop-replay.ts';
import { publishReplay } from './publish-replay.ts';
import { isTaken, noteReplay, type Replay, type ReplayOrder } from './replay-notes.ts';
import { ReplayRefused } from './replay-refused.ts';

const MAY_REPLAY: readonly Role[] = ['admin', 'auditor'];

/** Lower case and no more than PostgreSQL keeps of a name; the prefix keeps off what is not ours. */
const SCHEMA = /^as_of_[a-z0-9_]{1,50}$/;

const refuseMisfits = async (owner: Pool, { role, schema }: ReplayOrder): Promise<void> => {
  if (!MAY_REPLAY.includes(role))
    throw new ReplayRefused(`this is for people with the role ${MAY_REPLAY.join(' or ')}`);
  if (!SCHEMA.test(schema)) {
    throw new ReplayRefused(
      `a schema is called as_of_ and up to 50 small letters, digits and underscores, which "${schema}" is not`,
    );
  }
  if (await isTaken(owner, schema)) {
    throw new ReplayRefused(
      `there is a schema ${schema} already: drop it (--drop ${schema}) or name another (--schema)`,
    );
  }
};

const TOTAL = 'select coalesce(sum(head), 0) as events from workspace';

/** Ranges of the log that may hold streams of the workspace. */
const rangesOf = async (pool: Pool, workspaceId: Uuid): Promise<readonly StreamRange[]> => {
  const { rows } = await pool.query<{ events: string }>(TOTAL);
  const ranges = await splitStreams(pool, Number(rows[0]?.events ?? 0), RANGE_EVENTS);
  return ranges.filter(
    ({ from, before }) =>
      (from === undefined || from[0] <= workspaceId) && (before === undefined || before[0] >= workspaceId),
  );
};

export interface ReplayOptions {
  readonly newId: () => Uuid;
  /** That fold beside this one. */
  readonly threads: number;
  /** So many events are folded by now. */
  readonly onFolded: (events: number) => void;
}

type Filled = Pick<Replay, 'workspaceId' | 'position' | 'suffix'>;

const fill = async (
  pool: Pool,
  { workspaceId, position, suffix }: Filled,
  { threads, onFolded }: Pick<ReplayOptions, 'threads' | 'onFolded'>,
): Promise<void> => {
  await makeSideTables(pool, projections, suffix);
  const folding = { pool, projections, heads: new Map([[workspaceId, position]]), suffix };
  let folded = 0;
  const onRange = (events: number): void => onFolded((folded += events));
  await foldRanges(folding, await rangesOf(pool, workspaceId), { threads, onFolded: onRange });
  await indexSideTables(pool, projections, suffix);
};

/**
 * Builds the read models of one workspace as of a position of its log, in tables of their own beside those that serve, and
 * shows them in a schema of their own. Ended at any moment, it leaves a note without an end, and no schema.
 *
 * @throws ReplayRefused; RebuildFailed naming the event that cannot be folded
 */
export const buildReplay = async (
  database: Pick<Database, 'url' | 'projector' | 'owner'>,
  order: ReplayOrder,
  { newId, threads, onFolded }: ReplayOptions,
): Promise<void> => {
  const { url, projector: pool, owner } = database;
  await refuseMisfits(owner, order);
  const id = newId();
  const replay = { ...order, id, suffix: `${AS_OF}${id.replaceAll('-', '').slice(-12)}` as const };
  await noteReplay(owner, id, replay.suffix, order);
  try {
    await fill(pool, replay, { threads, onFolded });
    await publishReplay(url, projections, replay);
  } catch (error) {
    await dropReplay(database, { ...replay, finishedAt: null }).catch(() => undefined);
    throw error;
  }
};
