import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

export interface WorkspaceHead {
  /** Position of the newest event; 0 in an empty log. */
  readonly head: number;
  /** Position of the newest event that changed anybody's rights. */
  readonly access: number;
}

/** Undefined where the workspace does not exist. */
export const readHead = async (statements: Statements, workspaceId: Uuid): Promise<WorkspaceHead | undefined> => {
  const { rows } = await statements.query<WorkspaceHead>({
    name: 'workspace_head',
    text: 'select head, access_position as access from workspace where workspace_id = $1',
    values: [workspaceId],
  });
  return rows[0];
};
