import type { TeamState } from '../../shared/contract/events/team.ts';
import type { UserState } from '../../shared/contract/events/user.ts';
import type { WorkspaceState } from '../../shared/contract/events/workspace.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { activitiesOf } from './activities.ts';
import { companiesOf } from './companies.ts';
import { contactsOf } from './contacts.ts';
import { dealsOf } from './deals.ts';
import { readsOf, type Desk } from './desk.ts';
import { leadsOf } from './leads.ts';
import { pipelinesOf } from './pipelines.ts';
import type { ResourceName, Resources } from './types.ts';

/** The stream type behind each resource. */
export const RESOURCE_TYPES = {
  leads: 'lead',
  contacts: 'contact',
  companies: 'company',
  deals: 'deal',
  activities: 'activity',
  pipelines: 'pipeline',
  users: 'user',
  teams: 'team',
  workspaces: 'workspace',
} as const satisfies Record<ResourceName, StreamType>;

export const resourcesOf = (desk: Desk): Resources => ({
  leads: leadsOf(desk),
  contacts: contactsOf(desk),
  companies: companiesOf(desk),
  deals: dealsOf(desk),
  activities: activitiesOf(desk),
  pipelines: pipelinesOf(desk),
  users: readsOf<UserState>(desk, 'user'),
  teams: readsOf<TeamState>(desk, 'team'),
  workspaces: readsOf<WorkspaceState>(desk, 'workspace'),
});
