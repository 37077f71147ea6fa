import type { LightMyRequestResponse } from 'fastify';
import type { Role } from '../../src/shared/contract/events/user.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { PASSWORD, postJson, type TestApp } from './app.ts';
import type { Json } from './rest.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Requests with somebody's access token. */
export const caller =
  ({ app }: Pick<TestApp, 'app'>, token: string) =>
  (method: Method, url: string, body?: object): Promise<LightMyRequestResponse> =>
    app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });

/** The body of an answer that must have this status. */
export const expectOk = (response: LightMyRequestResponse): Json => {
  if (response.statusCode >= 300) throw new Error(`${response.statusCode} ${response.payload}`);
  return response.json<Json>();
};

let people = 0;
export const newAddress = (): string => {
  people += 1;
  return `user${people}-${process.pid}@example.com`;
};

export const signIn = async (server: Pick<TestApp, 'app'>, email: string, more: object = {}): Promise<SignedIn> =>
  expectOk(await postJson(server.app, '/api/auth/sign-in', { email, password: PASSWORD, ...more })) as SignedIn;

/** A user with a role in the admin's workspace, signed in. */
export const addUser = async (server: TestApp, admin: SignedIn, role: Role): Promise<SignedIn> => {
  const email = newAddress();
  expectOk(
    await caller(server, admin.accessToken)('POST', '/api/users', {
      name: `A ${role}`,
      email,
      role,
      password: PASSWORD,
    }),
  );
  return signIn(server, email);
};
