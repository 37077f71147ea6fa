import pg from 'pg';
import type { BenchServer } from './bench-server.ts';

const BATCH = 500;

const COLUMNS = {
  workspace_id: 'uuid',
  position: 'bigint',
  event_id: 'uuid',
  stream_type: 'text',
  stream_id: 'uuid',
  version: 'integer',
  type: 'text',
  schema_version: 'smallint',
  data: 'json',
  actor_id: 'uuid',
  device_id: 'uuid',
  at: 'text',
  clock: 'text',
  recorded_at: 'timestamptz',
  scope_id: 'uuid',
  root_id: 'uuid',
  superseded: 'text[]',
  content_hash: 'bytea',
  salt: 'bytea',
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** Seconds of inserts alone, of so many rows. */
export interface RawInsert {
  readonly rows: number;
  readonly seconds: number;
}

/**
 * The newest events of the log inserted anew: the same rows into a table with the same columns and indexes, in batches of
 * 500 over one connection, each batch durable; by json_to_recordset, as the append did it when the bars were set.
 */
export const insertRaw = async ({ database }: BenchServer, rowsMax: number): Promise<RawInsert> => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('create table raw_event (like event including all)');
    const batches = await readBatches(client, rowsMax);
    const definition = NAMES.map((name) => `${name} ${COLUMNS[name]}`).join(', ');
    const insert = {
      name: 'raw',
      text: `insert into raw_event select * from json_to_recordset($1::json) as x(${definition})`,
    };
    const begun = performance.now();
    for (const batch of batches) await client.query({ ...insert, values: [batch.text] });
    const seconds = (performance.now() - begun) / 1000;
    return { rows: batches.reduce((sum, { rows }) => sum + rows, 0), seconds };
  } finally {
    await client.query('drop table if exists raw_event');
    await client.end();
  }
};

/** Serialised before the clock starts: what is measured is the database. */
const readBatches = async (client: pg.Client, rowsMax: number): Promise<{ rows: number; text: string }[]> => {
  const { rows } = await client.query<{ text: string; rows: number }>(
    `select json_agg(to_json(e) order by position)::text as text, count(*)::int as rows
       from (select ${NAMES.join(', ')}, (row_number() over (order by workspace_id, position) - 1) / ${BATCH} as batch
               from (select * from event order by position desc limit $1) as newest) as e
      group by batch order by batch`,
    [rowsMax],
  );
  return rows;
};
