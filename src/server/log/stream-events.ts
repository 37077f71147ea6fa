import type { Statements } from '../database/workspace-pool.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StoredEvent, StreamRef } from '../../shared/contract/envelope.ts';
import { foldStream } from '../../shared/domain/merge.ts';

type Row = Omit<StoredEvent, 'stream' | 'data' | 'superseded'> & {
  readonly data: string;
  readonly superseded: readonly string[] | null;
};

/** Which events of a stream, both bounds included. */
export interface UpTo {
  readonly position?: number;
  readonly version?: number;
}

const UP_TO = `
select position, event_id as id, version, type, schema_version as "schemaVersion", actor_id as actor, device_id as device,
       at, coalesce(clock, at) as clock, recorded_at as "recordedAt", superseded, data
  from event
  where workspace_id = $1 and stream_id = $2 and position <= $3 and version <= $4
  order by version`;

/** The events of a stream from its first one on, in order. Who may see them is settled before. */
export const streamEvents = async (
  runner: Statements,
  workspaceId: Uuid,
  stream: StreamRef,
  { position = Number.MAX_SAFE_INTEGER, version = 2 ** 31 - 1 }: UpTo,
): Promise<StoredEvent[]> => {
  const { rows } = await runner.query<Row>(UP_TO, [workspaceId, stream.id, position, version]);
  return rows.map((row) => ({
    ...row,
    stream,
    superseded: row.superseded ?? [],
    data: JSON.parse(row.data) as JsonObject,
  }));
};

/**
 * The fields of a stream as after a version, folded from its log; undefined where the log does not reach that version.
 * What it answers never changes, so that a decision may rest on it without further ado.
 */
export const readPast = async (
  runner: Statements,
  workspaceId: Uuid,
  stream: StreamRef,
  version: number,
): Promise<JsonObject | undefined> => {
  if (version === 0) return undefined;
  const folded = foldStream(await streamEvents(runner, workspaceId, stream, { version }));
  return folded?.version === version ? folded.state : undefined;
};
