import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Me, NamedView, UserView } from '../../shared/contract/identity.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

interface Row {
  readonly type: 'user' | 'workspace' | 'team';
  readonly id: Uuid;
  readonly state: string;
}

// Its teams are found by the members that each team lists; a workspace has few teams, and they have their own index.
const PEOPLE = `
select stream_type as type, stream_id as id, state from stream
 where workspace_id = $1 and stream_type = 'user' and stream_id = $2
union all
select stream_type, stream_id, state from stream
 where workspace_id = $1 and stream_type = 'workspace' and stream_id = $1
union all
select stream_type, stream_id, state from stream
 where workspace_id = $1 and stream_type = 'team' and state ->> 'deletedAt' is null
   and exists (select from json_array_elements_text(state -> 'memberIds') member where member.value = $2::text)
 order by type, id`;

type State = Readonly<Record<string, unknown>> & { readonly name: string };
type View = NamedView & Readonly<Record<string, unknown>>;

const viewOf = (row: Row): View => ({ ...(JSON.parse(row.state) as State), id: row.id });

/** What a user sees of himself: his own record, the workspace and his teams, as of the newest commit. */
export const readMe = async (
  pool: WorkspacePool,
  { workspaceId, userId, deviceId }: Omit<Principal, 'role'>,
): Promise<Me> => {
  const { rows } = await pool.for(workspaceId).query<Row>(PEOPLE, [workspaceId, userId]);
  const views = (type: Row['type']): View[] => rows.filter((row) => row.type === type).map(viewOf);
  const user = must(views('user')[0], 'a session has a user') as unknown as UserView;
  const workspace = must(views('workspace')[0], 'a user has a workspace');
  return { user, roles: [user.role], teams: views('team'), workspace, deviceId };
};

// An integration may have the role too, but cannot let anybody in: only who can sign in counts.
const OTHER_ADMINS = `
select count(*) as count from stream s
 where s.workspace_id = $1 and s.stream_type = 'user' and s.stream_id <> $2
   and s.state ->> 'role' = 'admin' and s.state ->> 'status' = 'active'
   and exists (select from login l where l.workspace_id = s.workspace_id and l.user_id = s.stream_id)`;

/** How many other admins can sign in. */
export const otherAdmins = async (pool: WorkspacePool, workspaceId: Uuid, userId: Uuid): Promise<number> => {
  const { rows } = await pool.for(workspaceId).query<{ count: number }>(OTHER_ADMINS, [workspaceId, userId]);
  return rows[0]?.count ?? 0;
};
