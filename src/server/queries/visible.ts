import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import { NOTHING, type Rules } from '../access/rules.ts';
import { rootCondition } from '../access/visibility.ts';
import { allOf, type Fragment } from './sql.ts';

/** Whose workspace is read, and what of it may be seen. */
export interface Sight {
  readonly workspaceId: Uuid;
  readonly rights: { readonly sees: Rules };
}

/** Of somebody who asks for nothing but the workspace's set-up, which everyone sees. */
export const setUpOf = ({ workspaceId }: { readonly workspaceId: Uuid }): Sight => ({
  workspaceId,
  rights: { sees: NOTHING },
});

/**
 * The rows of `alias` that may be seen: in the own workspace, and their root's present scope is in the viewer's set.
 * Every statement on a read model or a stream carries it; read models have no rights of their own.
 *
 * @param root the column of `alias` with the id of the row's root stream
 */
export const withVisible = ({ workspaceId, rights }: Sight, alias: string, root = 'root_id'): Fragment => {
  const own = sql`${sql.ref(`${alias}.workspace_id`)} = ${workspaceId}::uuid`;
  if (rights.sees.everything) return own;
  const seen = { workspaceId, rules: rights.sees };
  const condition = sql.raw(rootCondition(seen, 'visible_root.scope_id', 'visible_root.stream_id'));
  const inScope = sql`exists (select 1 from stream visible_root
    where visible_root.workspace_id = ${workspaceId}::uuid
      and visible_root.stream_id = ${sql.ref(`${alias}.${root}`)} and ${condition})`;
  return allOf([own, inScope]);
};
