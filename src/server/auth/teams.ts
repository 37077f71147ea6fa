import type { Uuid } from '../../shared/base/ids.ts';
import type { NewTeam, TeamChange } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import { draftOf, type EventDraft } from '../../shared/domain/changes/event-draft.ts';
import { writeEvents } from '../resources/write-events.ts';
import type { AuthContext } from './context.ts';
import {
  changedRecord,
  listRecords,
  recordIn,
  requireRole,
  type Changed,
  type Page,
  type RecordPage,
} from './set-up-records.ts';

/** The tree of teams. Admins change it, managers may look. Every method throws a Problem for what it refuses. */
export interface Teams {
  list(principal: Principal, page: Page): Promise<RecordPage>;
  get(principal: Principal, id: Uuid): Promise<Changed>;
  add(principal: Principal, team: NewTeam): Promise<Changed>;
  change(principal: Principal, id: Uuid, change: TeamChange): Promise<Changed>;
  /** Deleting what is deleted changes nothing. */
  remove(principal: Principal, id: Uuid): Promise<Changed>;
  addMember(principal: Principal, id: Uuid, userId: Uuid): Promise<Changed>;
  removeMember(principal: Principal, id: Uuid, userId: Uuid): Promise<Changed>;
}

const isDeleted = ({ state }: StoredRecord): boolean => typeof state['deletedAt'] === 'string';
const isMember = ({ state }: StoredRecord, userId: Uuid): boolean =>
  (state['memberIds'] as readonly Uuid[]).includes(userId);

const changes = ({ name, parentId }: TeamChange, { state }: StoredRecord): EventDraft[] => [
  ...(name === state['name'] ? [] : draftOf('TeamRenamed', { name }, ['name'])),
  ...(parentId === state['parentId'] ? [] : draftOf('TeamMoved', { parentId }, ['parentId'])),
];

export const createTeams = (context: AuthContext): Teams => {
  const { pool } = context;

  const get = async (principal: Principal, id: Uuid): Promise<Changed> =>
    changedRecord(pool, principal, { type: 'team', id }, 0);

  const write = async (
    principal: Principal,
    id: Uuid,
    drafting: (team: StoredRecord) => readonly EventDraft[],
  ): Promise<Changed> => {
    requireRole(principal, 'admin');
    const { position } = await writeEvents(context, principal, async () => {
      const { version, clocks, ...team } = await recordIn(pool, principal, 'team', id);
      return drafting({ ...team, version, clocks }).map((draft) => ({ ...draft, id, basedOn: version, clocks }));
    });
    return changedRecord(pool, principal, { type: 'team', id }, position);
  };
  /** A deleted team takes no change. */
  const writeLiving: typeof write = (principal, id, drafting) =>
    write(principal, id, (team) => {
      if (isDeleted(team)) throw new Problem('archived', 'This team is deleted.');
      return drafting(team);
    });

  return {
    list: async (principal, page) => {
      requireRole(principal, 'admin', 'manager');
      return listRecords(pool, principal, 'team', page);
    },
    get: async (principal, id) => {
      requireRole(principal, 'admin', 'manager');
      return get(principal, id);
    },
    add: async (principal, team) => {
      requireRole(principal, 'admin');
      const id = context.newId();
      const created = draftOf('TeamCreated', team, ['name', 'parentId']);
      const { position } = await writeEvents(context, principal, async () =>
        created.map((draft) => ({ ...draft, id })),
      );
      return changedRecord(pool, principal, { type: 'team', id }, position);
    },
    change: (principal, id, change) => writeLiving(principal, id, (team) => changes(change, team)),
    remove: (principal, id) =>
      write(principal, id, (team) => (isDeleted(team) ? [] : [{ type: 'TeamDeleted', data: {} }])),
    addMember: (principal, id, userId) =>
      writeLiving(principal, id, (team) =>
        isMember(team, userId) ? [] : [{ type: 'TeamMemberAdded', data: { userId } }],
      ),
    removeMember: (principal, id, userId) =>
      writeLiving(principal, id, (team) =>
        isMember(team, userId) ? [{ type: 'TeamMemberRemoved', data: { userId } }] : [],
      ),
  };
};
