import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { ShareAccess } from '../../shared/contract/events/sharing.ts';
import type { TeamState } from '../../shared/contract/events/team.ts';
import type { UserState } from '../../shared/contract/events/user.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { initialWorkspace, type WorkspaceState } from '../../shared/contract/events/workspace.ts';

/** A share that was not revoked. */
export interface KnownShare {
  readonly shareId: Uuid;
  readonly rootId: Uuid;
  readonly rootType: string;
  readonly with: { readonly type: 'user' | 'team'; readonly id: Uuid };
  readonly access: ShareAccess;
  /** Milliseconds since the epoch; Infinity: until it is revoked. */
  readonly expiresMs: number;
  readonly sharedBy: Uuid;
}

/** All that rights are made of, as of one moment of the log: who people are, their teams, the policy, the shares. */
export interface Directory {
  /** The workspace's access position then: the directory holds just while that stands still. */
  readonly position: number;
  readonly sharing: WorkspaceState['sharing'];
  readonly users: ReadonlyMap<Uuid, Pick<UserState, 'role' | 'status'>>;
  readonly teams: ReadonlyMap<Uuid, Pick<TeamState, 'parentId' | 'memberIds' | 'deletedAt'>>;
  readonly shares: ReadonlyMap<Uuid, KnownShare>;
}

// One statement, so that all of it is of one moment. Of the shares only what is new since an older directory.
const READ = `
select 'position' as kind, null::uuid as id, access_position as position, null as type, null::uuid as actor, null::json as data
  from workspace where workspace_id = $1
union all
select stream_type, stream_id, 0, null, null, state
  from stream where workspace_id = $1 and stream_type in ('user', 'team', 'workspace')
union all
(select stream_type, root_id, position, type, actor_id, data
  from event where workspace_id = $1 and type in ('RecordShared', 'RecordShareRevoked') and superseded is null
   and position > $2
 order by position)`;

interface Row {
  readonly kind: string;
  readonly id: Uuid;
  readonly position: number;
  /** Of an event. */
  readonly type: string | null;
  readonly actor: Uuid;
  readonly data: string;
}

/**
 * Reads the directory as of the client's moment.
 *
 * @param before an older one of the workspace, whose shares are taken over
 */
export const readDirectory = async (client: Statements, workspaceId: Uuid, before?: Directory): Promise<Directory> => {
  const { rows } = await client.query<Row>(READ, [workspaceId, before?.position ?? 0]);
  const states = <S>(kind: string): [Uuid, S][] =>
    rows.filter((row) => row.type === null && row.kind === kind).map((row) => [row.id, JSON.parse(row.data) as S]);
  const shares = new Map(before?.shares);
  for (const row of rows) if (row.type !== null) applyShare(shares, row);
  return {
    position: rows.find(({ kind }) => kind === 'position')?.position ?? 0,
    sharing: states<WorkspaceState>('workspace')[0]?.[1].sharing ?? initialWorkspace.sharing,
    users: new Map(states<UserState>('user').map(([id, { role, status }]) => [id, { role, status }])),
    teams: new Map(
      states<TeamState>('team').map(([id, { parentId, memberIds, deletedAt }]) => [
        id,
        { parentId, memberIds, deletedAt },
      ]),
    ),
    shares,
  };
};

const applyShare = (shares: Map<Uuid, KnownShare>, { kind, id, type, actor, data }: Row): void => {
  const { shareId, expiresAt, ...share } = JSON.parse(data) as JsonObject & {
    shareId: Uuid;
    with: KnownShare['with'];
    access: ShareAccess;
    expiresAt?: string;
  };
  // A share is revoked on its own record alone: two records may have shares of one id.
  const key = `${id}/${shareId}`;
  if (type === 'RecordShareRevoked') shares.delete(key);
  else {
    const expiresMs = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
    const { with: grantee, access } = share;
    shares.set(key, { shareId, rootId: id, rootType: kind, with: grantee, access, expiresMs, sharedBy: actor });
  }
};
