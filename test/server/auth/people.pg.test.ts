import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, PASSWORD, postJson, signUp, type TestApp } from '../../support/app.ts';
import { addUser, caller, expectOk, newAddress, signIn, type Method } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';

let server: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
});
beforeEach(async () => {
  admin = await signUp(server.app);
});
afterAll(() => server[Symbol.asyncDispose]());

const as = (who: SignedIn, method: Method, url: string, body?: object) =>
  caller(server, who.accessToken)(method, url, body);
const ok = async (method: Method, url: string, body?: object): Promise<Json> =>
  expectOk(await as(admin, method, url, body));
const code = async (who: SignedIn, method: Method, url: string, body?: object) => {
  const response = await as(who, method, url, body);
  return [response.statusCode, response.json<Json>()['code']];
};
const invite = (more: object = {}) =>
  ok('POST', '/api/users', { name: 'Bob', email: newAddress(), role: 'rep', ...more });
const accept = (token: string, more: object = {}) =>
  postJson(server.app, '/api/auth/accept-invitation', { token, password: PASSWORD, ...more });
const status = async (who: SignedIn) => (await as(who, 'GET', '/api/me')).statusCode;
const eventTypes = async (): Promise<string[]> => {
  const { rows } = await server.test.database.owner.query<{ type: string }>(
    'select type from event where workspace_id = $1 and position > 4 order by position',
    [admin.workspace.id],
  );
  return rows.map(({ type }) => type);
};

describe('a user', () => {
  test('with a password can sign in, and the log tells how it came', async () => {
    const email = newAddress();
    const response = await as(admin, 'POST', '/api/users', { name: 'Bob', email, role: 'rep', password: PASSWORD });
    expect(response.statusCode).toBe(201);
    const user = response.json<Json>();
    expect(user).toMatchObject({ name: 'Bob', email, role: 'rep', status: 'active', version: 2 });
    expect(user).not.toHaveProperty('invitation');
    expect(response.headers).toMatchObject({ location: `/api/users/${user['id']}`, 'x-log-position': '6' });
    expect(response.payload).not.toContain(PASSWORD);
    expect((await signIn(server, email)).user).toMatchObject({ id: user['id'], role: 'rep' });
    expect(await eventTypes()).toEqual(['UserInvited', 'UserActivated']);
  });

  test('joins the team it is invited into', async () => {
    const team = await ok('POST', '/api/teams', { name: 'North' });
    const user = await invite({ teamId: team['id'] });
    expect(await ok('GET', `/api/teams/${team['id']}`)).toMatchObject({ memberIds: [user['id']] });
    expect(user).toMatchObject({ teamId: team['id'], status: 'invited' });
  });

  test('is listed for admins and managers, page by page, and for nobody else', async () => {
    const [manager, rep] = [await addUser(server, admin, 'manager'), await addUser(server, admin, 'rep')];
    const first = (await as(manager, 'GET', '/api/users?limit=2')).json<Json>();
    expect(first['items']).toHaveLength(2);
    const rest = (await as(manager, 'GET', `/api/users?limit=2&after=${first['next']}`)).json<Json>();
    expect(rest).toMatchObject({ items: [{ id: rep.user.id, role: 'rep' }], next: null });
    expect(await code(rep, 'GET', '/api/users')).toEqual([403, 'forbidden']);
    expect(await code(admin, 'GET', '/api/users?limit=0')).toEqual([400, 'invalid_request']);
    expect(await code(admin, 'GET', '/api/users?after=x')).toEqual([400, 'invalid_request']);
  });

  test.each(['manager', 'rep', 'analyst', 'auditor'] as const)('with the role %s changes nobody', async (role) => {
    const somebody = await addUser(server, admin, role);
    const { id } = somebody.user;
    for (const [method, url, body] of [
      ['POST', '/api/users', { name: 'Eve', email: newAddress(), role: 'admin' }],
      ['PATCH', `/api/users/${id}`, { role: 'admin' }],
      ['POST', `/api/users/${id}/invitation`, {}],
      ['POST', '/api/teams', { name: 'Own' }],
    ] as const) {
      expect(await code(somebody, method, url, body)).toEqual([403, 'forbidden']);
    }
  });

  test('whose address is taken is refused, here and elsewhere', async () => {
    const elsewhere = await signUp(server.app);
    const pending = await invite();
    for (const email of [admin.user.email, elsewhere.user.email, pending['email']]) {
      const body = { name: 'Eve', email, role: 'rep', password: PASSWORD };
      expect(await code(admin, 'POST', '/api/users', body)).toEqual([409, 'already_exists']);
    }
  });

  test('of another workspace answers like one that does not exist', async () => {
    const other = await signUp(server.app);
    const missing = await as(admin, 'PATCH', '/api/users/01970000-0000-7000-8000-00000000dead', { role: 'rep' });
    const theirs = await as(admin, 'PATCH', `/api/users/${other.user.id}`, { role: 'rep' });
    expect(missing.statusCode).toBe(404);
    expect(theirs.payload).toBe(missing.payload);
    expect(await code(admin, 'GET', '/api/users/x')).toEqual([404, 'not_found']);
  });

  test('is renamed, gets another role, is disabled and enabled', async () => {
    const { id } = (await addUser(server, admin, 'rep')).user;
    const renamed = await ok('PATCH', `/api/users/${id}`, { name: 'Bobby', role: 'manager' });
    expect(renamed).toMatchObject({ name: 'Bobby', role: 'manager', status: 'active' });
    expect(await ok('PATCH', `/api/users/${id}`, { status: 'disabled' })).toMatchObject({ status: 'deactivated' });
    expect(await ok('PATCH', `/api/users/${id}`, { status: 'active' })).toMatchObject({ status: 'active' });
    expect(await eventTypes()).toEqual([
      'UserInvited',
      'UserActivated',
      'UserRenamed',
      'RoleChanged',
      'UserDeactivated',
      'UserActivated',
    ]);
  });

  test('that is patched with what it has makes no event', async () => {
    const { id } = admin.user;
    const response = await as(admin, 'PATCH', `/api/users/${id}`, { name: 'Ada', role: 'admin', status: 'active' });
    expect(response.statusCode).toBe(200);
    expect(await eventTypes()).toEqual([]);
    expect(Number(response.headers['x-log-position'])).toBe(3);
  });

  test.each([
    [{ role: 'owner' }, 'role'],
    [{ status: 'gone' }, 'status'],
    [{ name: ' ' }, 'name'],
    [{ workspaceId: 'x' }, 'workspaceId'],
  ])('is not patched with %o', async (body, path) => {
    const response = await as(admin, 'PATCH', `/api/users/${admin.user.id}`, body);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((error) => error.path)).toContain(path);
  });
});

describe('the last admin', () => {
  test.each([{ role: 'rep' }, { status: 'disabled' }])('is not patched with %o', async (body) => {
    // An admin who never accepted cannot let anybody in.
    await invite({ role: 'admin' });
    const url = `/api/users/${admin.user.id}`;
    expect(await code(admin, 'PATCH', url, body)).toEqual([409, 'last_admin']);
    const other = await addUser(server, admin, 'admin');
    expect((await as(admin, 'PATCH', url, body)).statusCode).toBe(200);
    expect(await code(other, 'PATCH', `/api/users/${other.user.id}`, body)).toEqual([409, 'last_admin']);
  });

  test('stays one when all admins step down at once', async () => {
    const admins = [admin, ...(await Promise.all(Array.from({ length: 3 }, () => addUser(server, admin, 'admin'))))];
    const answers = await Promise.all(
      admins.map((who) => as(who, 'PATCH', `/api/users/${who.user.id}`, { role: 'rep' })),
    );
    const count = (wanted: number) => answers.filter(({ statusCode }) => statusCode === wanted).length;
    expect([count(200), count(409)]).toEqual([3, 1]);
  });

  test('cannot be taken away by an event from a phone either', async () => {
    const event = {
      id: '01970000-0000-7000-8000-0000000000e1',
      type: 'RoleChanged',
      schemaVersion: 1,
      stream: { type: 'user', id: admin.user.id },
      basedOn: 2,
      at: `2026-11-22T10:00:00.000Z-0001-${admin.deviceId}`,
      data: { role: 'rep' },
    };
    const answer = await ok('POST', '/api/sync', { protocol: 1, events: [event] });
    expect(answer['results']).toMatchObject([{ status: 'rejected', code: 'forbidden' }]);
  });
});

describe('an invitation', () => {
  test('is accepted once, with a password of the own', async () => {
    const user = await invite();
    const { token, expiresAt } = user['invitation'];
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6 * 86_400_000);
    const response = await accept(token, { device: { name: 'Pixel' } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['x-log-position']).toBe('6');
    expect(response.json()).toMatchObject({ user: { id: user['id'], status: 'active' }, workspace: admin.workspace });
    await signIn(server, user['email']);
    expect((await accept(token)).statusCode).toBe(401);
  });

  test('accepted twenty times at once lets one in', async () => {
    const { invitation } = await invite();
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(invitation.token)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 500)).toHaveLength(0);
  });

  test('is void once a newer one was made, once it is too old and once the user is disabled', async () => {
    const [replaced, late, disabled] = [await invite(), await invite(), await invite()];
    const newer = await ok('POST', `/api/users/${replaced['id']}/invitation`);
    await server.test.database.owner.query('update invitation set expires_at = now() where user_id = $1', [late['id']]);
    await ok('PATCH', `/api/users/${disabled['id']}`, { status: 'disabled' });
    const answers = await Promise.all([replaced, late, disabled].map(({ invitation }) => accept(invitation.token)));
    const unknown = await accept('lzi_nothing');
    expect(answers.map(({ payload }) => payload)).toEqual([unknown.payload, unknown.payload, unknown.payload]);
    expect(unknown.statusCode).toBe(401);
    expect((await accept(newer['token'])).statusCode).toBe(200);
  });

  test('for somebody who forgot the password ends the sessions from before', async () => {
    const rep = await addUser(server, admin, 'rep');
    const { token } = await ok('POST', `/api/users/${rep.user.id}/invitation`);
    const password = 'another pass phrase';
    expect((await accept(token, { password })).statusCode).toBe(200);
    expect(await status(rep)).toBe(401);
    await signIn(server, String(rep.user.email), { password });
  });

  test('keeps no token that somebody could read', async () => {
    const { invitation } = await invite();
    const { rows } = await server.test.database.owner.query('select * from invitation');
    expect(JSON.stringify(rows)).not.toContain(invitation.token);
  });
});

describe('changing the password', () => {
  test('ends the other sessions and keeps this one', async () => {
    const email = String(admin.user.email);
    const other = await signIn(server, email);
    const newPassword = 'another pass phrase';
    const change = (currentPassword: string) =>
      as(admin, 'POST', '/api/auth/change-password', { currentPassword, newPassword });
    expect((await change('wrong password')).json()).toMatchObject({ code: 'forbidden' });
    expect(await status(other)).toBe(200);
    expect((await change(PASSWORD)).statusCode).toBe(204);
    expect([await status(admin), await status(other)]).toEqual([200, 401]);
    await signIn(server, email, { password: newPassword });
    expect((await postJson(server.app, '/api/auth/sign-in', { email, password: PASSWORD })).statusCode).toBe(401);
  });
});

describe('rights in force', () => {
  test('change at once on this server', async () => {
    const rep = await addUser(server, admin, 'rep');
    expect(await status(rep)).toBe(200);
    await ok('PATCH', `/api/users/${rep.user.id}`, { role: 'admin' });
    expect((await as(rep, 'GET', '/api/users')).statusCode).toBe(200);
    await ok('PATCH', `/api/users/${rep.user.id}`, { role: 'rep' });
    expect((await as(rep, 'GET', '/api/users')).statusCode).toBe(403);
    await ok('PATCH', `/api/users/${rep.user.id}`, { status: 'disabled' });
    expect(await status(rep)).toBe(401);
    // A session from before does not come back to life.
    await ok('PATCH', `/api/users/${rep.user.id}`, { status: 'active' });
    expect(await status(rep)).toBe(401);
  });
});

describe('a team', () => {
  test('is created below another, renamed, moved and deleted', async () => {
    const [sales, other] = [
      await ok('POST', '/api/teams', { name: 'Sales' }),
      await ok('POST', '/api/teams', { name: 'Other' }),
    ];
    const response = await as(admin, 'POST', '/api/teams', { name: 'North', parentId: sales['id'] });
    const team = response.json<Json>();
    expect([response.statusCode, response.headers['location']]).toEqual([201, `/api/teams/${team['id']}`]);
    expect(team).toMatchObject({ name: 'North', parentId: sales['id'], memberIds: [], version: 1 });
    const url = `/api/teams/${team['id']}`;
    expect(await ok('PATCH', url, { name: 'N', parentId: other['id'] })).toMatchObject({ name: 'N', version: 3 });
    expect(await ok('PATCH', url, { parentId: null })).toMatchObject({ parentId: null });
    expect(await ok('DELETE', url)).toMatchObject({ deletedAt: expect.any(String) });
    expect(await ok('DELETE', url)).toMatchObject({ version: 5 });
    expect((await ok('GET', '/api/teams'))['items'].map((item: Json) => item['name'])).toEqual(['Sales', 'Other']);
    expect(await code(admin, 'PATCH', url, { name: 'South' })).toEqual([409, 'archived']);
  });

  test('cannot be below itself, nor below what does not exist', async () => {
    const { id } = await ok('POST', '/api/teams', { name: 'North' });
    expect(await code(admin, 'PATCH', `/api/teams/${id}`, { parentId: id })).toEqual([400, 'invalid_request']);
    const body = { name: 'South', parentId: '01970000-0000-7000-8000-00000000dead' };
    expect(await code(admin, 'POST', '/api/teams', body)).toEqual([400, 'invalid_request']);
  });

  test('takes members and lets them go; repeating either changes nothing', async () => {
    const { id } = await ok('POST', '/api/teams', { name: 'North' });
    const rep = await addUser(server, admin, 'rep');
    const userId = rep.user.id;
    for (const version of [2, 2]) {
      expect(await ok('POST', `/api/teams/${id}/members`, { userId })).toMatchObject({ memberIds: [userId], version });
    }
    expect((await as(rep, 'GET', '/api/me')).json()).toMatchObject({ teams: [{ id, name: 'North' }] });
    for (const version of [3, 3]) {
      expect(await ok('DELETE', `/api/teams/${id}/members/${userId}`)).toMatchObject({ memberIds: [], version });
    }
    const unknown = { userId: '01970000-0000-7000-8000-00000000dead' };
    expect(await code(admin, 'POST', `/api/teams/${id}/members`, unknown)).toEqual([400, 'invalid_request']);
    expect(await code(rep, 'POST', `/api/teams/${id}/members`, { userId })).toEqual([403, 'forbidden']);
  });
});
