import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { projections } from '../../../projections/registry.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import type { StoredEvent } from '../../../src/shared/contract/envelope.ts';
import type { StreamType } from '../../../src/shared/contract/streams.ts';
import { columnsOf, keyOf, tableName } from '../../../src/server/projector/tables.ts';
import { attempts, happen } from '../../support/generated-stream.ts';

/** A UUID made of a text, so that every run has the same. */
export const idOf = (text: string): Uuid => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const STREAMS: readonly StreamType[] = [
  'lead',
  'contact',
  'company',
  'deal',
  'deal',
  'activity',
  'pipeline',
  'user',
  'team',
  'rate',
  'quota',
  'forecast',
];

/** Random histories of `count` streams, their events shuffled together as in a log; each stream's own order stays. */
export const randomLog = (count: number, seed: number): StoredEvent[] => {
  const histories = Array.from({ length: count }, (_, index) => {
    const type = STREAMS[index % STREAMS.length] as StreamType;
    const [tried = []] = fc.sample(attempts(type), { seed: seed + index, numRuns: 1 });
    const id = idOf(`${seed} stream ${index}`);
    return happen(type, tried).map(({ event }) => ({ ...event, stream: { type, id } }));
  });
  const log: StoredEvent[] = [];
  for (let turn = seed; histories.some((history) => history.length > 0); turn += 7) {
    const history = histories[turn % histories.length] as StoredEvent[];
    const next = history.shift();
    if (next !== undefined) log.push(next);
    else turn -= 6;
  }
  return log;
};

const INSERT = `insert into event (workspace_id, position, event_id, stream_type, stream_id, version, type, schema_version,
    data, actor_id, device_id, at, clock, recorded_at, scope_id, root_id, superseded, content_hash, salt)
  select $1, e.position, e.id, e.stream_type, e.stream_id, e.version, e.type, 1, e.data, e.actor, e.device, e.at, e.clock,
         e.recorded_at, $1, e.stream_id, e.superseded, '\\x00', '\\x00'
    from json_to_recordset($2) as e(position bigint, id uuid, stream_type text, stream_id uuid, version integer, type text,
      data json, actor uuid, device uuid, at text, clock text, recorded_at timestamptz, superseded text[])`;

/** Adds events to a workspace's log at the positions after its head, as an append would, and answers the new head. */
export const appendRows = async (
  owner: pg.Pool,
  workspaceId: Uuid,
  events: readonly StoredEvent[],
): Promise<number> => {
  const client = await owner.connect();
  try {
    await client.query('begin');
    await client.query('insert into workspace (workspace_id) values ($1) on conflict do nothing', [workspaceId]);
    const locked = await client.query<{ head: number }>(
      'select head from workspace where workspace_id = $1 for update',
      [workspaceId],
    );
    const before = locked.rows[0]?.head ?? 0;
    const rows = events.map((event, index) => ({
      ...event,
      position: before + index + 1,
      id: idOf(`${workspaceId} ${before + index + 1}`),
      stream_type: event.stream.type,
      stream_id: event.stream.id,
      clock: event.clock === event.at ? null : event.clock,
      recorded_at: event.recordedAt,
      superseded: event.superseded.length === 0 ? null : event.superseded,
    }));
    await client.query(INSERT, [workspaceId, JSON.stringify(rows)]);
    const head = before + events.length;
    await client.query('update workspace set head = $2, last_recorded_at = now() where workspace_id = $1', [
      workspaceId,
      head,
    ]);
    await client.query('commit');
    return head;
  } finally {
    client.release();
  }
};

/** Every row of every read model as PostgreSQL writes it, in the order of the keys: two equal dumps are byte-equal tables. */
export const dumpReadModels = async (pool: pg.Pool): Promise<Record<string, string[]>> => {
  const dump: Record<string, string[]> = {};
  for (const projection of projections) {
    for (const table of projection.tables) {
      const columns = columnsOf(table).map(([name]) => `${name}::text`);
      const { rows } = await pool.query<{ line: string }>(
        `select array[${columns.join(', ')}]::text as line from ${tableName(projection, table)} order by ${keyOf(table).join(', ')}`,
      );
      dump[table.name] = rows.map(({ line }) => line);
    }
  }
  return dump;
};

export const rowCounts = (dump: Readonly<Record<string, readonly string[]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(dump).map(([table, lines]) => [table, lines.length]));
