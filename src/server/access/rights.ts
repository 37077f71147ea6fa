import type { Uuid } from '../../shared/base/ids.ts';
import type { Role } from '../../shared/contract/events/user.ts';
import { SERVER_DEVICE } from '../../shared/base/ids.ts';
import type { Directory, KnownShare } from './directory.ts';
import type { Principal } from './principal.ts';
import { EVERYTHING, fingerprintOf, includes, NOTHING, rulesOf, type Place, type Rules } from './rules.ts';
import { membersOf, ownTeams, peopleInTeams, teamsBelow } from './teams.ts';

/** What a principal may see and do, as of one directory and one moment. */
export interface Rights {
  readonly role: Role;
  /** Over REST, in analytics and for what events refer to. */
  readonly sees: Rules;
  /** By sync; narrower for analysts. */
  readonly syncs: Rules;
  /** Of `syncs`, as cursors name it. */
  readonly fingerprint: string;
  /** Whether personal data of leads and contacts is shown, too. */
  readonly personal: boolean;
  /** What may be changed, of what is seen. */
  readonly changes: Rules;
  /** What may be shared, of what is seen: not what one may change by a share alone. */
  readonly shares: Rules;
  /** Whether a record may be given to a user or a team. */
  readonly assignsTo: (to: { readonly ownerId: Uuid | null; readonly teamId: Uuid | null }) => boolean;
  /** Whether a person or team is below the principal, who may then speak for them: set a quota, submit a forecast. */
  readonly leads: (whom: { readonly ownerId: Uuid | null; readonly teamId: Uuid | null }) => boolean;
  /** Milliseconds since the epoch at which a share ends, and these rights with it. */
  readonly untilMs: number;
}

const anywhere = (): boolean => true;
const nowhere = (): boolean => false;

const fixed = (role: Role, sees: Rules, syncs: Rules, mayWrite: boolean): Rights => ({
  role,
  sees,
  syncs,
  fingerprint: fingerprintOf(syncs),
  personal: role !== 'analyst',
  changes: mayWrite ? EVERYTHING : NOTHING,
  shares: mayWrite ? EVERYTHING : NOTHING,
  assignsTo: mayWrite ? anywhere : nowhere,
  leads: mayWrite ? anywhere : nowhere,
  untilMs: Infinity,
});

/** The role in force; what the server does by itself it does in the role that it says. */
const roleOf = (directory: Directory, principal: Principal): Role =>
  principal.deviceId === SERVER_DEVICE
    ? principal.role
    : (directory.users.get(principal.userId)?.role ?? principal.role);

/** Computes the rights of a principal from a directory. Pure. */
export const rightsOf = (directory: Directory, principal: Principal, nowMs: number): Rights => {
  const role = roleOf(directory, principal);
  const isOff = directory.users.get(principal.userId)?.status === 'deactivated';
  if (isOff && principal.deviceId !== SERVER_DEVICE) return fixed(role, NOTHING, NOTHING, false);
  switch (role) {
    case 'admin':
      return fixed(role, EVERYTHING, EVERYTHING, true);
    case 'auditor':
      return fixed(role, EVERYTHING, EVERYTHING, false);
    case 'analyst':
      return fixed(role, EVERYTHING, NOTHING, false);
    case 'manager':
    case 'rep':
      return sellersRights(directory, { userId: principal.userId, role }, nowMs);
  }
};

interface Seller {
  readonly userId: Uuid;
  readonly role: 'manager' | 'rep';
}

const sellersRights = (directory: Directory, { userId, role }: Seller, nowMs: number): Rights => {
  const { sharing, teams } = directory;
  const own = ownTeams(teams, userId);
  const within = role === 'manager' ? teamsBelow(teams, own) : own;
  const members = membersOf(teams, within);
  const shares = sharesWith(directory, userId, own).filter(({ expiresMs }) => expiresMs > nowMs);
  const none: Rules = { ...NOTHING, owners: [userId] };
  const teamwork: Rules = { ...none, teams: within, members };
  const isTeamwork = role === 'manager' || sharing !== 'owner';
  const writable = isTeamwork ? { ...teamwork, members: [...members, ...nobodys(directory)] } : none;
  const sees = sharing === 'everyone' ? EVERYTHING : withRoots(isTeamwork ? teamwork : none, shares);
  return {
    role,
    sees,
    syncs: sees,
    fingerprint: fingerprintOf(sees),
    personal: true,
    changes: withRoots(
      writable,
      shares.filter(({ access }) => access === 'write'),
    ),
    shares: withRoots(writable, []),
    assignsTo: assignerOf(directory, within, userId),
    leads: role === 'manager' ? leaderOf(directory, within, userId) : nowhere,
    untilMs: Math.min(Infinity, ...shares.map(({ expiresMs }) => expiresMs)),
  };
};

const withRoots = (rules: Rules, shares: readonly KnownShare[]): Rules =>
  rulesOf({ ...rules, roots: shares.map(({ rootId }) => rootId) });

/** Of users in no team there is no team to keep others out; where everyone sees their records, everyone works on them. */
const nobodys = ({ sharing, teams, users }: Directory): Uuid[] => {
  if (sharing !== 'everyone') return [];
  const taken = peopleInTeams(teams);
  return [...users.keys()].filter((id) => !taken.has(id));
};

const sharesWith = ({ shares }: Directory, userId: Uuid, teams: readonly Uuid[]): KnownShare[] =>
  [...shares.values()].filter(({ with: { type, id } }) => (type === 'user' ? id === userId : teams.includes(id)));

/** Within the own teams (of a manager: and below): to those teams and their members, or to somebody who is in no team. */
const assignerOf = ({ teams }: Directory, within: readonly Uuid[], userId: Uuid): Rights['assignsTo'] => {
  const people = new Set([userId, ...membersOf(teams, within)]);
  const taken = peopleInTeams(teams);
  return ({ ownerId, teamId }) =>
    (teamId === null || within.includes(teamId)) && (ownerId === null || people.has(ownerId) || !taken.has(ownerId));
};

/** Of those teams and the others in them; the workspace as a whole is nobody's but an admin's. */
const leaderOf = ({ teams }: Directory, within: readonly Uuid[], userId: Uuid): Rights['leads'] => {
  const people = new Set(membersOf(teams, within));
  return ({ ownerId, teamId }) =>
    teamId === null ? ownerId !== null && ownerId !== userId && people.has(ownerId) : within.includes(teamId);
};

/** Whether a principal may change a record that it sees; one that nobody owns and no team has is open where everyone sees it. */
export const mayChange = ({ changes, sees }: Rights, place: Place): boolean =>
  includes(changes, place) || (sees.everything && isOpen(place) && !isEmpty(changes));

const isOpen = ({ pair }: Place): boolean => pair?.teamId === null && pair.ownerId === null;
const isEmpty = ({ everything, owners }: Rules): boolean => !everything && owners.length === 0;
