import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { Projection } from '../../../projections/projection.ts';

/** Advisory locks queue fairly: a rebuild that waits for its turn is not overtaken by the next batch, as with row locks. */
const keyOf = ({ name, version }: Projection): string =>
  createHash('sha256').update(`projection ${name} ${version}`).digest().readBigInt64BE().toString();

// Always in one order, so that two of them never wait for each other.
const keysOf = (projections: readonly Projection[]): string[] => projections.map(keyOf).toSorted();

/** Until the end of the transaction, no rebuild puts other tables in the place of those of these projections. */
export const enterGate = async (client: PoolClient, projections: readonly Projection[]): Promise<void> => {
  await client.query({
    name: 'projector_gate',
    text: 'select pg_advisory_xact_lock_shared(key) from unnest($1::bigint[]) key',
    values: [keysOf(projections)],
  });
};

/** Until the end of the transaction, nobody writes to the tables of these projections; waits for those who do. */
export const closeGate = async (client: PoolClient, projections: readonly Projection[]): Promise<void> => {
  await client.query('select pg_advisory_xact_lock(key) from unnest($1::bigint[]) key', [keysOf(projections)]);
};
