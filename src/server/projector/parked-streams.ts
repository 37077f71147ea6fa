import type { Pool, PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { refoldStream } from './apply-events.ts';
import { messageOf, type Poison } from './fold-events.ts';
import { enterGate } from './gate.ts';
import { inTransaction } from './transaction.ts';

/** The streams that each projection has parked in a workspace, by the projection's name. */
export const readParked = async (client: PoolClient, workspaceId: Uuid): Promise<Map<string, Set<Uuid>>> => {
  const { rows } = await client.query<{ projection: string; version: number; stream_id: Uuid }>({
    name: 'projector_parked',
    text: 'select projection, version, stream_id from parked_stream where workspace_id = $1',
    values: [workspaceId],
  });
  const parked = new Map<string, Set<Uuid>>();
  for (const { projection, version, stream_id } of rows) {
    const key = parkingOf({ name: projection, version });
    parked.set(key, (parked.get(key) ?? new Set()).add(stream_id));
  }
  return parked;
};

/** The key of a projection's version in that map. */
export const parkingOf = ({ name, version }: Pick<Projection, 'name' | 'version'>): string => `${name} v${version}`;

const PARK = `insert into parked_stream as p (workspace_id, projection, version, stream_id, position, error)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (workspace_id, projection, version, stream_id) do update
    set position = excluded.position, error = excluded.error, attempts = p.attempts + 1, retried_at = now()`;

/** Long error texts carry whole rows; their beginning says it. */
const ERROR_LENGTH_MAX = 2000;

export const parkStream = async (
  client: PoolClient,
  workspaceId: Uuid,
  projection: Projection,
  poison: Poison,
): Promise<void> => {
  // PostgreSQL takes no NUL in a text, and the message may quote the very value it refused.
  const error = poison.error.replaceAll('\0', '').slice(0, ERROR_LENGTH_MAX);
  await client.query(PARK, [workspaceId, projection.name, projection.version, poison.streamId, poison.position, error]);
};

interface Parked {
  readonly workspace_id: Uuid;
  readonly projection: string;
  readonly version: number;
  readonly stream_id: Uuid;
  readonly position: number;
}

/** Folds a parked stream up to the checkpoint, which its lock holds still meanwhile. */
const retry = (pool: Pool, projection: Projection, parked: Parked): Promise<boolean> =>
  inTransaction(pool, async (client) => {
    const { workspace_id: workspaceId, stream_id: streamId } = parked;
    const values = [workspaceId, projection.name, projection.version];
    await enterGate(client, [projection]);
    const { rows } = await client.query<{ position: number }>(
      `select position from projection_checkpoint
         where workspace_id = $1 and projection = $2 and version = $3 for update`,
      values,
    );
    const target = { projection, workspaceId, suffix: '' } as const;
    const poison = await refoldStream(client, target, { streamId, upTo: rows[0]?.position ?? 0 });
    if (poison === undefined) {
      await client.query(
        'delete from parked_stream where workspace_id = $1 and projection = $2 and version = $3 and stream_id = $4',
        [...values, streamId],
      );
    } else await parkStream(client, workspaceId, projection, poison);
    return poison === undefined;
  });

const retryOrPark = async (pool: Pool, projection: Projection, parked: Parked): Promise<boolean> => {
  try {
    return await retry(pool, projection, parked);
  } catch (error) {
    const poison = { streamId: parked.stream_id, position: parked.position, error: messageOf(error) };
    await inTransaction(pool, (client) => parkStream(client, parked.workspace_id, projection, poison));
    return false;
  }
};

export interface Retried {
  readonly freed: number;
  readonly parked: number;
}

/** Which parked streams; all where nothing is said. */
export interface ParkedChoice {
  readonly workspaceId?: Uuid | undefined;
  readonly projection?: string | undefined;
  readonly streamId?: Uuid | undefined;
}

const CHOSEN = `select workspace_id, projection, version, stream_id, position from parked_stream
  where ($1::uuid is null or workspace_id = $1) and ($2::text is null or projection = $2) and ($3::uuid is null or stream_id = $3)
  order by parked_at`;

/** Folds parked streams of these projections anew: after a fix, they leave the parking. */
export const retryParked = async (
  pool: Pool,
  projections: readonly Projection[],
  choice: ParkedChoice = {},
): Promise<Retried> => {
  const { rows } = await pool.query<Parked>(CHOSEN, [choice.workspaceId, choice.projection, choice.streamId]);
  let freed = 0;
  let parked = 0;
  for (const row of rows) {
    const projection = projections.find(({ name, version }) => name === row.projection && version === row.version);
    if (projection === undefined) continue;
    if (await retryOrPark(pool, projection, row)) freed += 1;
    else parked += 1;
  }
  return { freed, parked };
};
