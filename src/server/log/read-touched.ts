import type { Uuid } from '../../shared/base/ids.ts';
import { SHARED_SCOPE } from '../access/scope-id.ts';
import type { Statements } from '../database/workspace-pool.ts';
import type { Place } from '../access/rules.ts';

/** What commits touched: where, and how far the log has come. */
export interface Touched {
  readonly head: number;
  readonly access: number;
  /** One a scope, and one a root that somebody asked about; pairs of null and null for the latter. */
  readonly places: readonly Place[];
}

// Old and new scopes of moves: whoever loses a record is told, too.
const TOUCHED = `
with past as (select head, access_position as access from workspace where workspace_id = $1),
     scopes as (
  select distinct scope_id from event where workspace_id = $1 and position > $2 and position <= (select head from past)
  union
  select old_scope from scope_change where workspace_id = $1 and position > $2 and position <= (select head from past))
select past.head, past.access, null::uuid as "scopeId", null::uuid as "teamId", null::uuid as "ownerId", null::uuid as "rootId" from past
union all
select 0, 0, scopes.scope_id, s.team_id, s.owner_id, null
  from scopes left join scope s on s.workspace_id = $1 and s.scope_id = scopes.scope_id
union all
select 0, 0, null, null, null, e.root_id from (
  select distinct root_id from event
   where workspace_id = $1 and position > $2 and position <= (select head from past) and root_id = any($3)) e`;

interface Row {
  readonly head: number;
  readonly access: number;
  readonly scopeId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly ownerId: Uuid | null;
  readonly rootId: Uuid | null;
}

/**
 * Everything that happened in a workspace after a position, by where it happened.
 *
 * @param roots single records that somebody sees by a share
 */
export const readTouched = async (
  statements: Statements,
  workspaceId: Uuid,
  { after, roots }: { readonly after: number; readonly roots: readonly Uuid[] },
): Promise<Touched> => {
  const { rows } = await statements.query<Row>(TOUCHED, [workspaceId, after, roots]);
  const [first] = rows;
  return { head: first?.head ?? 0, access: first?.access ?? 0, places: rows.slice(1).map(placeOf) };
};

const NOWHERE: Uuid = '';

const placeOf = ({ scopeId, teamId, ownerId, rootId }: Row): Place => ({
  rootId: rootId ?? NOWHERE,
  pair: scopeId === SHARED_SCOPE ? null : { teamId, ownerId },
});
