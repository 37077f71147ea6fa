import type { Uuid } from '../../shared/base/ids.ts';
import type { UserState } from '../../shared/contract/events/user.ts';
import type { Invitation, NewUser, UserChange } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import { draftOf, type EventDraft } from '../../shared/domain/changes/event-draft.ts';
import { writeEvents } from '../resources/write-events.ts';
import { addUser, type Added } from './add-user.ts';
import type { AuthContext } from './context.ts';
import { asServer } from './as-server.ts';
import { addInvitation, endInvitations } from './invitations.ts';
import { otherAdmins } from './people.ts';
import { revokeSessionsOf, sessionsOf } from './sessions.ts';
import {
  changedRecord,
  listRecords,
  recordIn,
  requireRole,
  type Changed,
  type Page,
  type RecordPage,
} from './set-up-records.ts';

/** The people of a workspace. Admins change them, managers may look. Every method throws a Problem for what it refuses. */
export interface Users {
  list(principal: Principal, page: Page): Promise<RecordPage>;
  get(principal: Principal, id: Uuid): Promise<Changed>;
  add(principal: Principal, user: NewUser): Promise<Added>;
  /** A fresh link for somebody who lost the first one, or the password; those before it are void. */
  invite(principal: Principal, id: Uuid): Promise<Invitation>;
  change(principal: Principal, id: Uuid, change: UserChange): Promise<Changed>;
}

const statusOf = (change: UserChange): string | undefined =>
  change.status === 'disabled' ? 'deactivated' : change.status;

const stateOf = ({ state }: StoredRecord): UserState => state as unknown as UserState;

const statusChange = (wanted: string | undefined, present: UserState['status']): EventDraft[] => {
  if (wanted === undefined || wanted === present) return [];
  if (wanted === 'deactivated') return [{ type: 'UserDeactivated', data: {} }];
  if (present === 'deactivated') return [{ type: 'UserActivated', data: {} }];
  throw new Problem('invalid_request', 'An invited user becomes active by accepting the invitation.', {
    errors: [{ path: 'status', message: 'becomes active by accepting the invitation' }],
  });
};

const changes = (change: UserChange, state: UserState): EventDraft[] => [
  ...(change.name === state.name ? [] : draftOf('UserRenamed', change, ['name'])),
  ...(change.role === state.role ? [] : draftOf('RoleChanged', change, ['role'])),
  ...statusChange(statusOf(change), state.status),
];

const takesAdminAway = ({ role }: UserState, drafts: readonly EventDraft[]): boolean =>
  role === 'admin' && drafts.some(({ type }) => type === 'RoleChanged' || type === 'UserDeactivated');

export const createUsers = (context: AuthContext): Users => {
  const { pool, liveSessions } = context;

  /** What has changed is felt at once on this server, and within seconds on the others. */
  const settle = async ({ workspaceId }: Principal, id: Uuid, drafts: readonly EventDraft[]): Promise<void> => {
    const user = { workspaceId, userId: id };
    if (drafts.some(({ type }) => type === 'UserDeactivated')) {
      await endInvitations(pool.for(workspaceId), user);
      (await revokeSessionsOf(pool.for(workspaceId), user)).forEach(liveSessions.forget);
    } else if (drafts.length > 0) {
      (await sessionsOf(pool, user)).forEach(liveSessions.forget);
    }
  };

  const change = async (principal: Principal, id: Uuid, wanted: UserChange): Promise<Changed> => {
    let drafts: readonly EventDraft[] = [];
    const { position } = await writeEvents(context, asServer(principal), async () => {
      const found = await recordIn(pool, principal, 'user', id);
      const { version, clocks } = found;
      drafts = changes(wanted, stateOf(found));
      if (takesAdminAway(stateOf(found), drafts) && (await otherAdmins(pool, principal.workspaceId, id)) === 0) {
        throw new Problem('last_admin', 'This is the last admin. Make somebody else an admin first.');
      }
      return drafts.map((draft) => ({ ...draft, id, basedOn: version, clocks }));
    });
    await settle(principal, id, drafts);
    return changedRecord(pool, principal, { type: 'user', id }, position);
  };

  return {
    list: async (principal, page) => {
      requireRole(principal, 'admin', 'manager');
      return listRecords(pool, principal, 'user', page);
    },
    get: async (principal, id) => {
      requireRole(principal, 'admin', 'manager');
      return changedRecord(pool, principal, { type: 'user', id }, 0);
    },
    add: async (principal, user) => {
      requireRole(principal, 'admin');
      return context.exclusively(principal.workspaceId, () => addUser(context, principal, user));
    },
    invite: async (principal, id) => {
      requireRole(principal, 'admin');
      const { status, email } = stateOf(await recordIn(pool, principal, 'user', id));
      if (status === 'deactivated') throw new Problem('archived', 'This user is disabled: enable it first.');
      if (email === null) throw new Problem('invalid_request', 'This user has no e-mail address to sign in with.');
      return addInvitation(pool.for(principal.workspaceId), { workspaceId: principal.workspaceId, userId: id });
    },
    change: async (principal, id, wanted) => {
      requireRole(principal, 'admin');
      return context.exclusively(principal.workspaceId, () => change(principal, id, wanted));
    },
  };
};
