import type { PoolClient } from 'pg';
import type { Database } from '../../database/pool.ts';
import type { Suffix } from '../tables.ts';
import { inTransaction } from '../transaction.ts';
import { noteDropped, type Replay } from './replay-notes.ts';

type Dropped = Pick<Replay, 'workspaceId' | 'id' | 'schema' | 'suffix' | 'finishedAt'>;

const TABLES = `
select format('read_model.%I', relname) as name from pg_class
 where relnamespace = 'read_model'::regnamespace and relkind = 'r' and right(relname, length($1)) = $1`;

/** An analyst's query may hold a view; it takes 30 s at most. */
const SETTINGS = { lock_timeout: '35s' };

const dropTables = async (client: PoolClient, suffix: Suffix): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(TABLES, [suffix]);
  if (rows.length > 0) await client.query(`drop table ${rows.map(({ name }) => name).join(', ')}`);
};

/**
 * Takes the schema and its tables away; of a replay that broke off the tables alone, since a schema comes with its end and
 * one of that name is another's. Its note stays.
 */
export const dropReplay = async (
  { projector, owner }: Pick<Database, 'projector' | 'owner'>,
  { workspaceId, id, schema, suffix, finishedAt }: Dropped,
): Promise<void> => {
  await inTransaction(
    projector,
    async (client) => {
      if (finishedAt !== null) await client.query(`drop schema if exists ${schema} cascade`);
      await dropTables(client, suffix);
    },
    { settings: SETTINGS },
  );
  await noteDropped(owner, { workspaceId, id });
};
