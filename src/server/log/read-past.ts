import type { Pool, PoolClient } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StoredEvent, StreamRef } from '../../shared/contract/envelope.ts';
import { foldStream } from '../../shared/domain/merge.ts';

type Row = Omit<StoredEvent, 'stream' | 'data' | 'superseded'> & {
  readonly data: string;
  readonly superseded: readonly string[] | null;
};

const UP_TO = `
select position, event_id as id, version, type, schema_version as "schemaVersion", actor_id as actor, device_id as device,
       at, coalesce(clock, at) as clock, recorded_at as "recordedAt", superseded, data
  from event
  where workspace_id = $1 and stream_id = $2 and version <= $3
  order by version`;

/**
 * The fields of a stream as after a version, folded from its log; undefined where the log does not reach that version.
 * What it answers never changes, so that a decision may rest on it without further ado.
 */
export const readPast = async (
  pool: Pool | PoolClient,
  workspaceId: Uuid,
  stream: StreamRef,
  version: number,
): Promise<JsonObject | undefined> => {
  if (version === 0) return undefined;
  const { rows } = await pool.query<Row>(UP_TO, [workspaceId, stream.id, version]);
  const events = rows.map((row) => ({
    ...row,
    stream,
    superseded: row.superseded ?? [],
    data: JSON.parse(row.data) as JsonObject,
  }));
  const folded = foldStream(events);
  return folded?.version === version ? folded.state : undefined;
};
