import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { each, eventsOf, recorded } from './definition.ts';
import * as field from './fields.ts';
import { reference } from './shared-state.ts';

export interface TeamState {
  readonly name: string | null;
  readonly parentId: Uuid | null;
  readonly memberIds: readonly Uuid[];
  readonly deletedAt: string | null;
}

export const initialTeam: TeamState = { name: null, parentId: null, memberIds: [], deletedAt: null };

/** At most this many members a team, so that a state stays below its limit of bytes. */
export const TEAM_MEMBERS_MAX = 1000;

const define = eventsOf<TeamState>('team');

export const teamEvents = {
  TeamCreated: define({
    creates: true,
    schema: z.strictObject({ name: field.name, parentId: z.optional(z.nullable(field.id)) }),
    references: (data) => reference('team', 'parentId', data.parentId),
    writes: (data) => each(data, ['name', 'parentId']),
  }),
  TeamRenamed: define({
    schema: z.strictObject({ name: field.name }),
    writes: (data) => each(data, ['name']),
  }),
  TeamMoved: define({
    schema: z.strictObject({ parentId: z.nullable(field.id) }),
    references: (data) => reference('team', 'parentId', data.parentId),
    writes: (data) => each(data, ['parentId']),
  }),
  TeamMemberAdded: define({
    schema: z.strictObject({ userId: field.id }),
    references: (data) => reference('user', 'userId', data.userId),
    writes: ({ userId }, state) => ({
      [`memberIds/${userId}`]: { memberIds: [...state.memberIds.filter((id) => id !== userId), userId] },
    }),
  }),
  TeamMemberRemoved: define({
    schema: z.strictObject({ userId: field.id }),
    writes: ({ userId }, state) => ({
      [`memberIds/${userId}`]: { memberIds: state.memberIds.filter((id) => id !== userId) },
    }),
  }),
  TeamDeleted: define({
    schema: z.strictObject({ reason: z.optional(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt } }),
  }),
};
