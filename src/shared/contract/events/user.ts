import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { emailAddress } from '../email-address.ts';
import { each, eventsOf } from './definition.ts';
import * as field from './fields.ts';
import { reference } from './shared-state.ts';

export const ROLES = ['admin', 'manager', 'rep', 'analyst', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface UserState {
  readonly name: string | null;
  readonly email: string | null;
  readonly role: Role;
  readonly teamId: Uuid | null;
  readonly status: 'invited' | 'active' | 'deactivated';
}

export const initialUser: UserState = { name: null, email: null, role: 'rep', teamId: null, status: 'invited' };

const define = eventsOf<UserState>('user');

export const userEvents = {
  UserInvited: define({
    creates: true,
    schema: z.strictObject({
      name: field.name,
      email: field.absentable(emailAddress),
      role: z.enum(ROLES),
      teamId: z.optional(z.nullable(field.id)),
    }),
    personal: ['name', 'email'],
    references: (data) => reference('team', 'teamId', data.teamId),
    writes: (data) => ({ ...each(data, ['name', 'email', 'role', 'teamId']), status: { status: 'invited' } }),
  }),
  UserRenamed: define({
    schema: z.strictObject({ name: field.name }),
    personal: ['name'],
    writes: (data) => each(data, ['name']),
  }),
  UserActivated: define({
    schema: z.strictObject({}),
    writes: () => ({ status: { status: 'active' } }),
  }),
  UserDeactivated: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ status: { status: 'deactivated' } }),
  }),
  RoleChanged: define({
    schema: z.strictObject({ role: z.enum(ROLES) }),
    writes: (data) => each(data, ['role']),
  }),
};
