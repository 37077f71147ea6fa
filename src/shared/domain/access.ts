import { definitionOf, type EventType } from '../contract/events/registry.ts';
import type { Role } from '../contract/events/user.ts';
import type { StreamType } from '../contract/streams.ts';

/** Streams whose events the people who sell may make; the others are the workspace's set-up. */
const OF_REPS = ['lead', 'contact', 'company', 'deal', 'activity', 'import', 'forecast'] as const;
const WRITTEN_BY: Readonly<Record<'manager' | 'rep', ReadonlySet<StreamType>>> = {
  manager: new Set([...OF_REPS, 'quota']),
  rep: new Set(OF_REPS),
};

/** Whether a role may make this kind of event at all; whether on this record is judged apart. */
export const mayWrite = (role: Role, type: EventType): boolean => {
  switch (role) {
    case 'admin':
      return true;
    case 'manager':
    case 'rep':
      return WRITTEN_BY[role].has(definitionOf(type).stream);
    case 'analyst':
    case 'auditor':
      return false;
  }
};

/** The server alone makes these: a workspace has one stream of its own, and an import's notes are the importer's. */
const SERVER_MADE: ReadonlySet<EventType> = new Set<EventType>([
  'WorkspaceCreated',
  'ImportStarted',
  'ImportCompleted',
  'ImportReverted',
]);

export const isServerMade = (type: EventType): boolean => SERVER_MADE.has(type);

const ACCESS: ReadonlySet<EventType> = new Set<EventType>([
  'UserInvited',
  'UserActivated',
  'UserDeactivated',
  'RoleChanged',
  'TeamCreated',
  'TeamMoved',
  'TeamMemberAdded',
  'TeamMemberRemoved',
  'TeamDeleted',
  'WorkspaceSettingsChanged',
  'RecordShared',
  'RecordShareRevoked',
]);

/** Whether an event may change what anybody sees or may do. */
export const changesAccess = (type: EventType): boolean => ACCESS.has(type);

/**
 * Whether decisions rest on an event without naming its stream: on rights, and on the rates that closings freeze. It moves
 * the workspace's access position, which every append compares, so that nothing is decided without it.
 */
export const movesAccess = (type: EventType): boolean => changesAccess(type) || type === 'ExchangeRateRecorded';
