import type { Pool, PoolClient } from 'pg';
import type { Projection, Row, Table } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { foldFromLog, type StreamUpTo } from './apply-events.ts';
import type { StreamImage } from './fold-events.ts';
import { foldFailure } from './fold-range.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { BY_KEY, rowsParameter, type Target } from './stored-rows.ts';
import { columnsOf, type Suffix, tableName, typeOf } from './tables.ts';
import { inTransaction } from './transaction.ts';

/** Streams that are compared: of a fault in each hundredth, 19 of 20 rebuilds hear. */
const STREAMS = 300;

interface Sampled {
  readonly workspace_id: Uuid;
  readonly stream_id: Uuid;
  readonly stream_type: string;
}

// Some blocks of the log, about ten times what is wanted, so that few of them are looked at however many there are.
const SAMPLE = `select workspace_id, stream_id, stream_type from (
    select distinct workspace_id, stream_id, stream_type
    from event tablesample system (least(100, 1000.0 * $1 / greatest(1,
      (select reltuples from pg_class where oid = 'event'::regclass))))) sampled
  order by random() limit $1`;

const different = (projection: Projection, table: Table, suffix: Suffix): string => {
  const tableText = tableName(projection, table, suffix);
  const columns = columnsOf(table).map(([name, column]) => `${name}::${typeOf(column)}`);
  const row = `row(${columns.join(', ')})::text`;
  const stored = `select ${row} as row from ${tableText} where workspace_id = $2 and ${table.primaryKey[0]} = any($3::uuid[])`;
  return `with folded as (select ${row} as row from unnest($1::${tableText}[])), stored as (${stored})
    select (select count(*) from (table folded except all table stored) f) as missing,
           (select count(*) from (table stored except all table folded) s) as wrong`;
};

interface Compared {
  readonly id: Uuid;
  readonly image: StreamImage;
}

const foldOne = async (client: PoolClient, target: Target, stream: StreamUpTo): Promise<Compared> => {
  const { image, poison } = await foldFromLog(client, target, stream);
  if (poison !== undefined) throw foldFailure(target.projection, target.workspaceId, poison);
  return { id: stream.streamId, image };
};

const rowsOf = (table: Table, { projection }: Target, folded: readonly Compared[]): readonly Row[] =>
  folded.flatMap(({ image }) => {
    if (table !== projection.tables[0]) return image.rows[table.name] ?? [];
    return image.row === undefined ? [] : [image.row];
  });

/** The streams of one workspace in one projection, table by table. */
const compareStreams = async (client: PoolClient, target: Target, folded: readonly Compared[]): Promise<void> => {
  const { projection, workspaceId, suffix } = target;
  for (const table of projection.tables) {
    const name = tableName(projection, table, suffix);
    const rows = rowsParameter(table, workspaceId, rowsOf(table, target, folded));
    const values = [rows, workspaceId, folded.map(({ id }) => id)];
    const result = await client.query<{ missing: number; wrong: number }>(different(projection, table, suffix), values);
    const { missing, wrong } = result.rows[0] ?? { missing: 0, wrong: 0 };
    if (missing + wrong === 0) continue;
    const what = `of ${folded.length} streams of workspace ${workspaceId}, ${name} lacks ${missing} rows that the log gives`;
    throw new RebuildFailed(`${what} and holds ${wrong} that it does not: nothing was switched; rebuild again`);
  }
};

// Streams are read off the index that has them in order: a planner without statistics read 200,000 events for each.
const SETTINGS = {
  ...BY_KEY,
  jit: 'off',
  enable_bitmapscan: 'off',
  enable_sort: 'off',
  enable_incremental_sort: 'off',
};

/**
 * Compares what the tables hold of some streams, chosen at random, with what the log gives when it is folded anew.
 *
 * @param positions up to which the tables were filled, by workspace
 * @throws RebuildFailed naming the table that differs
 */
export const compareWithFold = async (
  pool: Pool,
  projections: readonly Projection[],
  { positions, suffix }: { readonly positions: ReadonlyMap<Uuid, number>; readonly suffix: Suffix },
): Promise<void> => {
  await inTransaction(
    pool,
    async (client) => {
      const { rows: sampled } = await client.query<Sampled>(SAMPLE, [STREAMS]);
      for (const [workspaceId, streams] of Map.groupBy(sampled, (row) => row.workspace_id)) {
        const upTo = positions.get(workspaceId) ?? 0;
        for (const projection of projections) {
          const target: Target = { projection, workspaceId, suffix };
          const folded: Compared[] = [];
          for (const { stream_id: id, stream_type: type } of streams)
            if (type === projection.stream) folded.push(await foldOne(client, target, { streamId: id, upTo }));
          if (folded.length > 0) await compareStreams(client, target, folded);
        }
      }
    },
    { settings: SETTINGS },
  );
};
