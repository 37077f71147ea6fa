import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { rowsOf, type Runner } from './sql.ts';
import { withVisible, type Sight } from './visible.ts';

/** A record as REST serves it, and what a write needs to know besides. */
export interface StoredRecord {
  readonly id: Uuid;
  readonly type: StreamType;
  readonly version: number;
  /** Of its newest event. */
  readonly position: number;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
  /** The state's fields with id, version, createdAt and updatedAt. */
  readonly record: JsonObject;
}

interface Row {
  readonly id: Uuid;
  readonly version: number;
  readonly position: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly state: string;
  readonly clocks: string;
}

/** What a record looks like to those who read it. */
export const recordOf = (
  state: JsonObject,
  { id, version, createdAt, updatedAt }: Pick<Row, 'id' | 'version' | 'createdAt' | 'updatedAt'>,
): JsonObject => ({ id, ...state, version, createdAt, updatedAt });

/** A record as after its newest committed event, so that everyone reads their own writes. Undefined where there is none to be seen. */
export const findRecord = async (
  runner: Runner,
  sight: Sight,
  type: StreamType,
  id: Uuid,
): Promise<StoredRecord | undefined> => {
  const [row] = await rowsOf<Row>(
    runner,
    sql`select s.stream_id as id, s.version, s.position, s.created_at as "createdAt", e.recorded_at as "updatedAt", s.state, s.clocks
        from stream s
        join event e on e.workspace_id = s.workspace_id and e.position = s.position
        where ${withVisible(sight, 's')} and s.stream_id = ${id}::uuid and s.stream_type = ${type}`,
  );
  if (row === undefined) return undefined;
  const state = JSON.parse(row.state) as JsonObject;
  const clocks = JSON.parse(row.clocks) as RegisterClocks;
  return {
    id: row.id,
    type,
    version: row.version,
    position: row.position,
    state,
    clocks,
    record: recordOf(state, row),
  };
};

/** How far the log of a workspace has come; 0 where there is none. */
export const headOf = async (runner: Runner, workspaceId: Uuid): Promise<number> => {
  const [row] = await rowsOf<{ head: number }>(
    runner,
    sql`select head from workspace where workspace_id = ${workspaceId}::uuid`,
  );
  return row?.head ?? 0;
};
