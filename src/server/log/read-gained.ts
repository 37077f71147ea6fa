import type { Uuid } from '../../shared/base/ids.ts';
import { gainedRoots, gainedScopes, lostScopes, type RightsChange } from '../access/gained.ts';
import { rootCondition, type Seen } from '../access/visibility.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { ENTER_OP } from './read-states.ts';

/** Roots of a gain that are found by their scopes and put in order; of more, the whole workspace is read in order. */
const SMALL_MAX = 2000;
const COLUMNS = { scope: 'scope_id', root: 'stream_id' };

const SMALL = (seen: Seen, change: RightsChange): string => `
select s.stream_id as id from (${gainedScopes(seen, change)}) v(scope_id), lateral (
    select stream_id from stream where workspace_id = $1 and scope_id = v.scope_id limit ${SMALL_MAX + 1}) s
union
select stream_id from stream where workspace_id = $1 and ${gainedRoots(seen, change, COLUMNS)}
limit ${SMALL_MAX + 1}`;

const LARGE = (seen: Seen, change: RightsChange): string => `
select stream_id as id from stream
 where workspace_id = $1 and stream_id >= $2 and scope_id is not null
   and (scope_id in (${gainedScopes(seen, change)}) or (${gainedRoots(seen, change, COLUMNS)}))
 order by stream_id limit $3`;

/** The gained roots from an id on, in the order of their ids, which no write moves. */
export const readGainedRoots = async (
  client: Statements,
  seen: Seen,
  change: RightsChange,
  { from, limit }: { readonly from: Uuid; readonly limit: number },
): Promise<Uuid[]> => {
  const { workspaceId } = seen;
  const small = await client.query<{ id: Uuid }>(SMALL(seen, change), [workspaceId]);
  const ids = small.rows.map(({ id }) => id);
  if (ids.length <= SMALL_MAX)
    return ids
      .filter((id) => id >= from)
      .toSorted()
      .slice(0, limit);
  const { rows } = await client.query<{ id: Uuid }>(LARGE(seen, change), [workspaceId, from, limit]);
  return rows.map(({ id }) => id);
};

/** One stream of a root: the root itself or one of its activities. */
export interface Member {
  readonly root: Uuid;
  readonly stream: Uuid;
  readonly op: string;
}

const MEMBERS = (seen: Seen): string => `
select r.id as root, s.stream_id as stream, s.op
  from unnest($2::uuid[]) with ordinality r(id, place), lateral (
    (select stream_id, 0 as kind, ${ENTER_OP} as op from stream
      where workspace_id = $1 and stream_id = r.id and (r.place > 1 or $3::uuid is null) limit 1)
    union all
    (select stream_id, 1, ${ENTER_OP} from stream
      where workspace_id = $1 and root_id = r.id and scope_id is null and (r.place > 1 or $3::uuid is null or stream_id > $3)
      order by stream_id limit $4)) s
 where exists (select from stream root where root.workspace_id = $1 and root.stream_id = r.id
                  and ${rootCondition(seen, 'root.scope_id', 'root.stream_id')})
 order by r.place, s.kind, s.stream_id limit $4`;

/** The roots in turn, each with its activities in the order of their ids, as far as they may be seen. */
export const readMembers = async (
  client: Statements,
  seen: Seen,
  { roots, after, limit }: { readonly roots: readonly Uuid[]; readonly after: Uuid | null; readonly limit: number },
): Promise<Member[]> => {
  if (roots.length === 0) return [];
  // `after` is of the first root: it and these of its activities were sent.
  return (await client.query<Member>(MEMBERS(seen), [seen.workspaceId, roots, after, limit])).rows;
};

const LOST = (seen: Seen, change: RightsChange): string => `
select scope_id as id from (${lostScopes(seen, change)}) lost(scope_id) where scope_id > $1 order by scope_id limit $2`;

/** The scopes that a change of rights took away, in the order of their ids. */
export const readLostScopes = async (
  client: Statements,
  seen: Seen,
  change: RightsChange,
  { after, limit }: { readonly after: Uuid; readonly limit: number },
): Promise<Uuid[]> => (await client.query<{ id: Uuid }>(LOST(seen, change), [after, limit])).rows.map(({ id }) => id);

const TYPES = `
select s.* from unnest($2::uuid[]) i(id), lateral (
  select stream_id as id, stream_type as type from stream where workspace_id = $1 and stream_id = i.id limit 1) s`;

/** The types of some streams, by id. */
export const readTypes = async (
  client: Statements,
  workspaceId: Uuid,
  ids: readonly Uuid[],
): Promise<Map<Uuid, string>> => {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: Uuid; type: string }>(TYPES, [workspaceId, ids]);
  return new Map(rows.map(({ id, type }) => [id, type]));
};
