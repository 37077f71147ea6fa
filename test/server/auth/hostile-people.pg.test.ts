import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, PASSWORD, postJson, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk, type Method } from '../../support/people.ts';

let server: TestApp;
let admin: SignedIn;
let rep: SignedIn;
/** Of another workspace: a user, a team, a device and a key. */
const theirs: Record<string, string> = {};
beforeAll(async () => {
  server = await openTestApp();
  admin = await signUp(server.app);
  rep = await addUser(server, admin, 'rep');
  const other = await signUp(server.app);
  const make = async (url: string, body: object) =>
    String(expectOk(await caller(server, other.accessToken)('POST', url, body))['id']);
  theirs['users'] = other.user.id;
  theirs['devices'] = other.deviceId;
  theirs['teams'] = await make('/api/teams', { name: 'Theirs' });
  theirs['api-keys'] = await make('/api/api-keys', { name: 'Theirs', role: 'rep' });
});
afterAll(() => server[Symbol.asyncDispose]());

const NOWHERE = '01970000-0000-7000-8000-00000000dead';
const as = (who: SignedIn, method: Method, url: string, body?: object) =>
  caller(server, who.accessToken)(method, url, body);

describe('an id of another workspace answers byte by byte like one that does not exist', () => {
  test.each([
    ['GET', 'users', ''],
    ['PATCH', 'users', '', { role: 'rep' }],
    ['POST', 'users', '/invitation'],
    ['GET', 'teams', ''],
    ['PATCH', 'teams', '', { name: 'Mine' }],
    ['DELETE', 'teams', ''],
    ['POST', 'teams', '/members', { userId: NOWHERE }],
    ['DELETE', 'teams', `/members/${NOWHERE}`],
    ['DELETE', 'devices', ''],
    ['POST', 'devices', '/retire'],
    ['DELETE', 'api-keys', ''],
  ] as const)('%s /api/%s/:id%s', async (method, name, rest, body?: object) => {
    const foreign = await as(admin, method, `/api/${name}/${theirs[name]}${rest}`, body);
    const missing = await as(admin, method, `/api/${name}/${NOWHERE}${rest}`, body);
    expect(foreign.statusCode).toBe(404);
    expect(foreign.payload).toBe(missing.payload);
  });

  test.each(['userId', 'parentId', 'teamId'])('as %s in a body', async (field) => {
    const { id: team } = expectOk(await as(admin, 'POST', '/api/teams', { name: 'Mine' }));
    const send = (id: string | undefined) => {
      if (field === 'userId') return as(admin, 'POST', `/api/teams/${team}/members`, { userId: id });
      if (field === 'parentId') return as(admin, 'PATCH', `/api/teams/${team}`, { parentId: id });
      const body = { name: 'Eve', email: `eve-${Math.random()}@example.com`, role: 'rep', teamId: id };
      return as(admin, 'POST', '/api/users', body);
    };
    const foreign = await send(field === 'userId' ? theirs['users'] : theirs['teams']);
    const missing = await send(NOWHERE);
    expect(foreign.statusCode).toBeGreaterThanOrEqual(400);
    expect(foreign.statusCode).toBeLessThan(500);
    expect(foreign.payload).toBe(missing.payload);
  });
});

describe('queries', () => {
  test.each([
    'limit=1&limit=9',
    'limit=-1',
    'limit=1e9',
    'limit[]=1',
    '__proto__[x]=1',
    'after=%00',
    'after=1%27--',
    'sort=(select pg_sleep(5))',
  ])('?%s is refused', async (query) => {
    for (const name of ['users', 'teams', 'devices', 'api-keys']) {
      const answer = await as(admin, 'GET', `/api/${name}?${query}`);
      expect([name, answer.statusCode]).toEqual([name, 400]);
    }
  });
});

describe('bodies', () => {
  test.each([
    ['POST', '/api/users', { name: 'E', email: 'e@example.com', role: 'rep', workspaceId: NOWHERE }],
    ['POST', '/api/users', { name: 'E\0', email: 'e@example.com', role: 'rep' }],
    ['POST', '/api/users', { name: 'E', email: 'e\ud800@example.com', role: 'rep' }],
    ['POST', '/api/users', { name: 'E', email: 'e@example.com', role: 'rep', password: 'x'.repeat(1025) }],
    ['POST', '/api/teams', { name: '' }],
    ['POST', '/api/teams', { name: 'x'.repeat(301) }],
    ['POST', '/api/teams', { name: 'T', parentId: 'x' }],
    ['POST', '/api/api-keys', { name: 'K', role: 'root' }],
    ['POST', '/api/api-keys', { name: 'K', role: 'rep', expiresAt: '2026-13-45T00:00:00Z' }],
    ['POST', '/api/auth/change-password', { currentPassword: PASSWORD, newPassword: 'short' }],
    ['POST', '/api/auth/change-password', { newPassword: 'another pass phrase' }],
  ] as const)('%s %s %o is refused', async (method, url, body) => {
    const answer = await as(admin, method, url, body);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request']);
  });

  test('of invitations that nobody made are refused alike, whatever they are', async () => {
    const refused = [];
    for (const token of ['x', 'lzi_', `lzi_${'A'.repeat(43)}`, admin.accessToken.slice(0, 190), "' or 1=1 --"]) {
      refused.push((await postJson(server.app, '/api/auth/accept-invitation', { token, password: PASSWORD })).payload);
    }
    expect(new Set(refused).size).toBe(1);
  });
});

test.each([
  ['GET', '/api/users'],
  ['GET', '/api/teams'],
  ['GET', '/api/api-keys'],
  ['POST', '/api/users', { name: 'E', email: 'e2@example.com', role: 'admin' }],
  ['POST', '/api/teams', { name: 'Own' }],
  ['POST', '/api/api-keys', { name: 'Own', role: 'admin' }],
] as const)('a rep who calls %s %s is refused', async (method, url, body?: object) => {
  const answer = await as(rep, method, url, body);
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'forbidden']);
});
