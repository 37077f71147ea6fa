import { assert } from '../../shared/base/assert.ts';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import type { Rules } from './rules.ts';
import { SHARED_SCOPE } from './scope-id.ts';

/** A set of rules in a workspace, as SQL sees it. */
export interface Seen {
  readonly workspaceId: Uuid;
  readonly rules: Rules;
}

/** A literal: ids are checked to be nothing else, so they need no parameters of their own. */
export const idArray = (list: readonly Uuid[]): string => {
  for (const id of list) assert(isUuid(id), `${id} is not an id`);
  return `'{${list.join(',')}}'::uuid[]`;
};

/**
 * The ids of the interned scopes in the set, for `in (…)`. It depends on no row, so PostgreSQL makes it once a statement,
 * of a table that has one row a pair of team and owner.
 */
export const scopesIn = ({ workspaceId, rules }: Seen): string => {
  const all = `select scope_id from scope where workspace_id = any(${idArray([workspaceId])})`;
  const shared = `select '${SHARED_SCOPE}'::uuid`;
  if (rules.everything) return `${all} union all ${shared}`;
  return `${all} and (team_id = any(${idArray(rules.teams)}) or owner_id = any(${idArray(rules.owners)})
    or (team_id is null and owner_id = any(${idArray(rules.members)}))) union all ${shared}`;
};

/**
 * The condition on a root, to be joined by `and` to the one on workspace_id.
 *
 * @param scope the column of its scope
 * @param root the column of its id
 */
export const rootCondition = (seen: Seen, scope: string, root: string): string => {
  const { everything, roots } = seen.rules;
  if (everything) return 'true';
  const inScope = `${scope} in (${scopesIn(seen)})`;
  return roots.length === 0 ? inScope : `(${inScope} or ${root} = any(${idArray(roots)}))`;
};

/** The same for any stream, of the table `stream` itself: an activity is in the set just when its root is. */
export const streamCondition = (seen: Seen): string => {
  if (seen.rules.everything) return 'true';
  const own = rootCondition(seen, 'stream.scope_id', 'stream.stream_id');
  const ofRoot = rootCondition(seen, 'root.scope_id', 'root.stream_id');
  return `case when stream.scope_id is not null then ${own} else exists (
    select from stream root where root.workspace_id = stream.workspace_id and root.stream_id = stream.root_id and ${ofRoot}) end`;
};
