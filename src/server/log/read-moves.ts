import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { rootCondition, type Seen } from '../access/visibility.ts';

/** How a root stands to a set, and how it came there since a position. */
export interface RootMoves {
  readonly id: Uuid;
  readonly type: string;
  readonly visible: boolean;
  /** Whether the client has had it, in the scope that it has now. */
  readonly kept: boolean;
  /** Oldest first. */
  readonly moves: readonly Move[];
}

export interface Move {
  readonly position: number;
  readonly from: Standing;
  readonly to: Standing;
}
/** A scope, as the set has it. */
export interface Standing {
  readonly visible: boolean;
  readonly kept: boolean;
}

interface Row extends Omit<RootMoves, 'moves'> {
  readonly position: number | null;
  readonly oldVisible: boolean;
  readonly oldKept: boolean;
  readonly newVisible: boolean;
}

type Kept = (columns: { readonly scope: string; readonly root: string }) => string;

const MOVES = (seen: Seen, kept: Kept): string => `
select r.stream_id as id, r.stream_type as type, ${rootCondition(seen, 'r.scope_id', 'r.stream_id')} as visible,
       ${kept({ scope: 'r.scope_id', root: 'r.stream_id' })} as kept, c.*
  from unnest($2::uuid[]) i(id), lateral (
    select stream_id, stream_type, scope_id from stream where workspace_id = $1 and stream_id = i.id limit 1) r
  left join lateral (
    select position, ${rootCondition(seen, 'old_scope', 'root_id')} as "oldVisible",
           ${kept({ scope: 'old_scope', root: 'root_id' })} as "oldKept",
           ${rootCondition(seen, 'new_scope', 'root_id')} as "newVisible"
      from scope_change where workspace_id = $1 and root_id = r.stream_id and position > $3 order by position) c on true`;

/** Where the roots stand now, and all their moves after a position. */
export const readMoves = async (
  client: Statements,
  seen: Seen,
  { roots, after, kept }: { readonly roots: readonly Uuid[]; readonly after: number; readonly kept: Kept },
): Promise<Map<Uuid, RootMoves>> => {
  const found = new Map<Uuid, RootMoves & { readonly moves: Move[] }>();
  if (roots.length === 0) return found;
  const { rows } = await client.query<Row>(MOVES(seen, kept), [seen.workspaceId, roots, after]);
  for (const { id, type, visible, kept: has, position, oldVisible, oldKept, newVisible } of rows) {
    const root = found.get(id) ?? { id, type, visible, kept: has, moves: [] };
    found.set(id, root);
    if (position === null) continue;
    root.moves.push({
      position,
      from: { visible: oldVisible, kept: oldKept },
      to: { visible: newVisible, kept: false },
    });
  }
  return found;
};

const MOVED = (seen: Seen): string => `
select position, root_id as "rootId" from scope_change
 where workspace_id = $1 and position > $2 and position <= $3
   and (${rootCondition(seen, 'old_scope', 'root_id')} or ${rootCondition(seen, 'new_scope', 'root_id')})
 order by position limit $4`;

/** The roots that moved from or to the set, in the order of the log. */
export const readMoved = async (
  client: Statements,
  seen: Seen,
  { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<{ readonly position: number; readonly rootId: Uuid }[]> => {
  const values = [seen.workspaceId, after, upTo, limit];
  return (await client.query<{ position: number; rootId: Uuid }>(MOVED(seen), values)).rows;
};
