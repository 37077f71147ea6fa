import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';
import { openTestApp, PASSWORD, postJson, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk, newAddress } from '../../support/people.ts';
import { proposed, statuses } from '../../support/workspace.ts';

let server: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
});
beforeEach(async () => {
  admin = await signUp(server.app);
});
afterAll(() => server[Symbol.asyncDispose]());

const invited = (email: string, by = admin) =>
  proposed(by, 'UserInvited', uuidv7(), { name: 'Bob', role: 'rep', email });
const push = async (events: readonly object[], by = admin): Promise<PushResult[]> => {
  const answer = await caller(server, by.accessToken)('POST', '/api/sync', { protocol: 1, events });
  return expectOk(answer)['results'] as PushResult[];
};
const asAdmin = async (method: 'GET' | 'POST', url: string) =>
  expectOk(await caller(server, admin.accessToken)(method, url));

describe('somebody who is invited from a phone', () => {
  test.each(['', 'bob', 'bob@example', 'bob@example.com, eve@example.com', `${'b'.repeat(250)}@example.com`])(
    'has an address that POST /api/users would take, not %j',
    async (email) => {
      const [bad, good] = await push([invited(email), invited(newAddress())]);
      expect(bad).toMatchObject({ code: 'invalid', fields: [{ path: 'data.email' }] });
      expect(good).toMatchObject({ status: 'accepted' });
    },
  );

  test('has one that nobody in the workspace has, also in the same request', async () => {
    const [own, fresh] = [String(admin.user.email), newAddress()];
    const results = await push([invited(own.toUpperCase()), invited(fresh), invited(` ${fresh} `)]);
    expect(statuses(results)).toEqual(['invalid', 'accepted', 'invalid']);
    expect(results[2]).toMatchObject({ fields: [{ path: 'data.email', message: 'is taken' }] });
  });

  test('stays invited when the invitation comes again, its answer lost', async () => {
    const event = invited(newAddress());
    const [first] = await push([event]);
    const [again] = await push([event]);
    expect(again).toEqual({ ...first, status: 'duplicate', of: 'accepted' });
  });

  test('gets a link from an admin and signs in with it, by the address as it is kept', async () => {
    const address = newAddress();
    const event = invited(` ${address.toUpperCase()}`);
    await push([event]);
    expect(await asAdmin('GET', `/api/users/${event.stream.id}`)).toMatchObject({ email: address, status: 'invited' });
    const { token } = await asAdmin('POST', `/api/users/${event.stream.id}/invitation`);
    const { user } = expectOk(await postJson(server.app, '/api/auth/accept-invitation', { token, password: PASSWORD }));
    expect(user).toMatchObject({ email: address, status: 'active' });
  });

  test('by somebody who may not, is forbidden alike whether the address is known or not', async () => {
    const rep = await addUser(server, admin, 'rep');
    const results = await push([invited(String(admin.user.email), rep), invited(newAddress(), rep)], rep);
    const [known, unknown] = results.map(({ id: _id, ...result }) => result);
    expect(known).toMatchObject({ code: 'forbidden' });
    expect(known).toEqual(unknown);
  });
});
