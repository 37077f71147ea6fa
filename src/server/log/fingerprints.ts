import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** The ids of the events at some positions; a position beyond the head is missing. */
export const readFingerprints = async (
  statements: Statements,
  workspaceId: Uuid,
  positions: readonly number[],
): Promise<Map<number, Uuid>> => {
  const { rows } = await statements.query<{ position: number; id: Uuid }>({
    text: `select e.* from unnest($2::bigint[]) as i(at), lateral (
             select position, event_id as id from event where workspace_id = $1 and position = i.at limit 1) e`,
    values: [workspaceId, positions],
  });
  return new Map(rows.map(({ position, id }) => [position, id]));
};
