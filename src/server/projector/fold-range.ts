import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { STREAM_TYPES } from '../../shared/contract/streams.ts';
import { copyRows, copyTurn, type RowCopier } from './copy-rows.ts';
import { foldStream, type LazyEvent, type Poison } from './fold-events.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { endRange, type NotedRange } from './rebuild-state.ts';
import { scanStreams } from './scan-streams.ts';
import type { StreamRange } from './stream-ranges.ts';
import type { Suffix } from './tables.ts';
import { inTransaction } from './transaction.ts';

export interface Folding {
  /** Needs two of its connections. */
  readonly pool: Pool;
  readonly projections: readonly Projection[];
  /** The position up to which events count, by workspace. */
  readonly heads: ReadonlyMap<Uuid, number>;
  /** Of the tables that it fills, which are empty. */
  readonly suffix: Suffix;
}

interface Fold {
  readonly projection: Projection;
  readonly handles: ReadonlySet<string>;
  readonly copier: RowCopier;
}

export const foldFailure = (projection: Projection, workspaceId: Uuid, poison: Poison): RebuildFailed => {
  const { streamId, position, error } = poison;
  return new RebuildFailed(
    `projection ${projection.name} cannot take in the event at position ${position} of stream ${streamId} ` +
      `in workspace ${workspaceId}: ${error}`,
  );
};

/** The folds that concern each type of stream. */
const foldsByStream = (folds: readonly Fold[]): ReadonlyMap<string, readonly Fold[]> =>
  new Map(STREAM_TYPES.map((stream) => [stream, folds.filter(({ projection }) => projection.stream === stream)]));

/** undefined while there is room for more rows, as with the copier. */
const foldScanned = (fold: Fold, workspaceId: Uuid, events: readonly LazyEvent[]): Promise<void> | undefined => {
  const { projection, handles, copier } = fold;
  const isMine = ({ row }: LazyEvent): boolean => handles.has(row.type);
  const mine = events.every(isMine) ? events : events.filter(isMine);
  const { image, poison } = foldStream(projection, undefined, mine);
  if (poison !== undefined) throw foldFailure(projection, workspaceId, poison);
  return copier.add(workspaceId, image);
};

/** Runs `work` on a connection that nobody gets back where it fails: a scan that was cut short still sends rows. */
const scanning = async <T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin read only');
    const result = await work(client);
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
};

/**
 * Folds the streams of a range into the tables, in one transaction. Answers how many events there were.
 *
 * @throws RebuildFailed naming what cannot be folded or stored
 */
export const foldRange = (
  { pool, projections, heads, suffix }: Folding,
  range: StreamRange | NotedRange,
): Promise<number> =>
  scanning(pool, (scan) =>
    inTransaction(pool, async (target) => {
      const turn = copyTurn(target);
      const folds = projections.map((projection): Fold => ({
        projection,
        handles: new Set(projection.handles),
        copier: copyRows(turn, projection, suffix),
      }));
      const byStream = foldsByStream(folds);
      const types = [...new Set(folds.flatMap(({ projection }) => projection.handles))];
      let folded = 0;
      for await (const streams of scanStreams(scan, { types, range, heads })) {
        for (const { workspaceId, streamType, events } of streams) {
          for (const fold of byStream.get(streamType) ?? []) {
            // There nearly always is room, and a promise for every stream would cost more than its fold.
            const room = foldScanned(fold, workspaceId, events);
            if (room !== undefined) await room;
          }
          folded += events.length;
        }
      }
      for (const { copier } of folds) await copier.flush();
      await turn.finish();
      if ('rebuildId' in range) await endRange(target, range, folded);
      return folded;
    }),
  );
