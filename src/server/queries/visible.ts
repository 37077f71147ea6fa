import { sql } from 'kysely';
import type { Principal } from '../access/principal.ts';
import { scopeCondition, visibilityOf } from '../access/visibility.ts';
import { allOf, type Fragment } from './sql.ts';

/**
 * The rows of `alias` that the principal may see: in the own workspace, and their root's present scope is in the
 * principal's set. Every statement on a read model or a stream carries it; read models have no rights of their own.
 *
 * @param root the column of `alias` with the id of the row's root stream
 */
export const withVisible = (principal: Principal, alias: string, root = 'root_id'): Fragment => {
  const own = sql`${sql.ref(`${alias}.workspace_id`)} = ${principal.workspaceId}::uuid`;
  const condition = scopeCondition(visibilityOf(principal), 'visible_root.scope_id');
  if (condition === 'true') return own;
  const inScope = sql`exists (select from stream visible_root
    where visible_root.workspace_id = ${sql.ref(`${alias}.workspace_id`)}
      and visible_root.stream_id = ${sql.ref(`${alias}.${root}`)} and ${sql.raw(condition)})`;
  return allOf([own, inScope]);
};
