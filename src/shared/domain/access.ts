import { definitionOf, type EventType } from '../contract/events/registry.ts';
import type { Role } from '../contract/events/user.ts';
import type { StreamType } from '../contract/streams.ts';

/** Streams whose events the people who sell may make; the others are the workspace's set-up. */
const RECORDS: ReadonlySet<StreamType> = new Set(['lead', 'contact', 'company', 'deal', 'activity', 'import']);

/** Whether a role may make this kind of event at all; whether on this record is judged apart. */
export const mayWrite = (role: Role, type: EventType): boolean => {
  switch (role) {
    case 'admin':
      return true;
    case 'manager':
    case 'rep':
      return RECORDS.has(definitionOf(type).stream);
    case 'analyst':
    case 'auditor':
      return false;
  }
};

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
]);

/** Whether an event may change what anybody sees or may do; such an event moves the workspace's access position. */
export const changesAccess = (type: EventType): boolean => ACCESS.has(type);
