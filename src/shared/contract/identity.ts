import * as z from 'zod/mini';
import type { Uuid } from '../base/ids.ts';
import { absentable } from './absent.ts';
import { EMAIL, EMAIL_MAX } from './email-address.ts';
import { uuid } from './envelope.ts';

const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 1024;

/** A name that somebody types: spaces around it do not count. */
export const label = (max: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(max));
/** As it is kept: spaces around it and its case do not count. */
export const email = z.string().check(z.trim(), z.toLowerCase(), z.maxLength(EMAIL_MAX), z.email({ pattern: EMAIL }));

export const device = z.strictObject({
  id: absentable(uuid),
  name: z.optional(z.nullable(label(200))),
  platform: z.optional(z.nullable(label(100))),
});

export const newPassword = z.string().check(z.minLength(PASSWORD_MIN), z.maxLength(PASSWORD_MAX));

export const signUpRequest = z.strictObject({
  workspaceName: label(300),
  name: label(300),
  email,
  password: newPassword,
  device: absentable(device),
});
export type SignUpRequest = z.output<typeof signUpRequest>;

export const signInRequest = z.strictObject({
  email,
  password: z.string().check(z.minLength(1), z.maxLength(PASSWORD_MAX)),
  device: absentable(device),
});
export type SignInRequest = z.output<typeof signInRequest>;
export type DeviceInfo = z.output<typeof device>;

export const refreshRequest = z.strictObject({ refreshToken: z.string().check(z.minLength(1), z.maxLength(500)) });

/** What a session's holder presents: the access token with each request, the refresh token once, for the next pair. */
export const tokens = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** Seconds that the access token is good for. */
  expiresIn: z.int(),
});
export type Tokens = z.output<typeof tokens>;

const person = z.looseObject({ id: uuid, name: z.string(), email: z.nullable(z.string()), role: z.string() });
const place = z.looseObject({ id: uuid, name: z.string() });

export const signedIn = z.strictObject({ ...tokens.shape, user: person, workspace: place, deviceId: uuid });
export interface SignedIn extends Tokens {
  readonly user: UserView;
  readonly workspace: NamedView;
  readonly deviceId: Uuid;
}

export const meAnswer = z.strictObject({
  user: person,
  roles: z.array(z.string()),
  teams: z.array(place),
  workspace: place,
  deviceId: uuid,
});

export interface NamedView {
  readonly id: Uuid;
  readonly name: string;
}
export interface UserView extends NamedView {
  readonly email: string | null;
  readonly role: string;
}
export interface Me {
  readonly user: UserView;
  readonly roles: readonly string[];
  readonly teams: readonly NamedView[];
  readonly workspace: NamedView;
  readonly deviceId: Uuid;
}
