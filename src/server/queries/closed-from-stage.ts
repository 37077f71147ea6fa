import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import { isJsonObject } from '../../shared/base/json.ts';
import { rowsOf, type Runner } from './sql.ts';

/** The stage that a deal was last won or lost from; undefined where it never was. Who may see it is settled before. */
export const closedFromStage = async (runner: Runner, workspaceId: Uuid, dealId: Uuid): Promise<Uuid | undefined> => {
  const [row] = await rowsOf<{ data: string }>(
    runner,
    sql`select coalesce(data->'closing', data) as data from event
        where workspace_id = ${workspaceId}::uuid and stream_id = ${dealId}::uuid and (type in ('DealWon', 'DealLost') or (type = 'ConflictResolved' and data->'closing' is not null))
        order by version desc limit 1`,
  );
  const data: unknown = row === undefined ? undefined : JSON.parse(row.data);
  return isJsonObject(data) ? (data['fromStageId'] as Uuid) : undefined;
};
