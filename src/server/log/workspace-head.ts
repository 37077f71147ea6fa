import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

export interface WorkspaceHead {
  /** Position of the newest event; 0 in an empty log. */
  readonly head: number;
  /** Position of the newest event that changed anybody's rights. */
  readonly access: number;
  /** Id of the newest event; null in an empty log. */
  readonly newest: Uuid | null;
}

const HEAD = `
select head, access_position as access,
       (select event_id from event e where e.workspace_id = $1 and e.position = w.head) as newest
  from workspace w where workspace_id = $1`;

/** Undefined where the workspace does not exist. */
export const readHead = async (statements: Statements, workspaceId: Uuid): Promise<WorkspaceHead | undefined> => {
  const { rows } = await statements.query<WorkspaceHead>({
    name: 'workspace_head',
    text: HEAD,
    values: [workspaceId],
  });
  return rows[0];
};
