import * as z from 'zod/mini';
import { absentable } from './absent.ts';
import { uuid } from './envelope.ts';
import { ROLES } from './events/user.ts';
import { workspaceEvents } from './events/workspace.ts';
import { device, email, label, newPassword, PASSWORD_MAX } from './identity.ts';

const role = z.enum(ROLES);

export const newUser = z.strictObject({
  name: label(300),
  email,
  role,
  teamId: z.optional(z.nullable(uuid)),
  /** Without one the answer brings an invitation. */
  password: absentable(newPassword),
});
export type NewUser = z.output<typeof newUser>;

export const userChange = z.strictObject({
  name: z.optional(label(300)),
  role: z.optional(role),
  /** `disabled` is what people say for the log's `deactivated`. */
  status: z.optional(z.enum(['active', 'deactivated', 'disabled'])),
});
export type UserChange = z.output<typeof userChange>;

export const acceptRequest = z.strictObject({
  token: z.string().check(z.minLength(1), z.maxLength(200)),
  password: newPassword,
  device: absentable(device),
});
export type AcceptRequest = z.output<typeof acceptRequest>;

export const passwordChange = z.strictObject({
  currentPassword: z.string().check(z.minLength(1), z.maxLength(PASSWORD_MAX)),
  newPassword,
});
export type PasswordChange = z.output<typeof passwordChange>;

/** A link is made of the token by whoever hands it over; it is shown this once. */
export const invitation = z.strictObject({ token: z.string(), expiresAt: z.string() });
export type Invitation = z.output<typeof invitation>;

export const newTeam = z.strictObject({ name: label(300), parentId: z.optional(z.nullable(uuid)) });
export type NewTeam = z.output<typeof newTeam>;

export const teamChange = z.strictObject({
  name: z.optional(label(300)),
  parentId: z.optional(z.nullable(uuid)),
});
export type TeamChange = z.output<typeof teamChange>;

/** Whatever a workspace's settings hold, in part. */
export const workspaceChange = workspaceEvents.WorkspaceSettingsChanged.schema;
export type WorkspaceChange = z.output<typeof workspaceChange>;

export const teamMember = z.strictObject({ userId: uuid });
