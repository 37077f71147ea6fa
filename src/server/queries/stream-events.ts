import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StoredEvent, StreamRef } from '../../shared/contract/envelope.ts';
import { rowsOf, type Runner } from './sql.ts';

type Row = Omit<StoredEvent, 'stream' | 'data' | 'superseded'> & {
  readonly data: string;
  readonly superseded: readonly string[] | null;
};

/** Which events of a stream, both bounds included. */
export interface UpTo {
  readonly position?: number;
  readonly version?: number;
}

/** The events of a stream from its first one on, in order. Who may see them is settled before. */
export const streamEvents = async (
  runner: Runner,
  workspaceId: Uuid,
  stream: StreamRef,
  upTo: UpTo,
): Promise<StoredEvent[]> => {
  const rows = await rowsOf<Row>(
    runner,
    sql`select position, event_id as id, version, type, schema_version as "schemaVersion", actor_id as actor, device_id as device,
               at, coalesce(clock, at) as clock, recorded_at as "recordedAt", superseded, data
        from event
        where workspace_id = ${workspaceId}::uuid and stream_id = ${stream.id}::uuid
          and position <= ${upTo.position ?? Number.MAX_SAFE_INTEGER}::bigint and version <= ${upTo.version ?? 2 ** 31 - 1}::integer
        order by version`,
  );
  return rows.map((row) => ({
    ...row,
    stream,
    superseded: row.superseded ?? [],
    data: JSON.parse(row.data) as JsonObject,
  }));
};
