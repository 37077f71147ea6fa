import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, postJson, type TestApp } from '../support/app.ts';
import { answering, networkTo, phoneOn, type Phone } from '../support/app-phone.ts';

type Newcomer = { readonly email: string };

describe('leaving a phone', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await openTestApp();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const signedUp = async (options = {}): Promise<{ phone: Phone; email: string }> => {
    const ada = newcomer();
    const phone = phoneOn(networkTo(server.app), options);
    await phone.leadzen.signUp(ada as never);
    await phone.leadzen.sync();
    return { phone, email: (ada as Newcomer).email };
  };

  test('to somebody else never pushes the first outbox as the second, and it is there on return', async () => {
    const { phone, email } = await signedUp();
    const { leadzen } = phone;
    const before = (await leadzen.session())?.deviceId;
    phone.cable.off = true;
    await leadzen.leads.create({ name: 'Of Ada' });
    expect(await leadzen.signOut({ pending: 'send' })).toEqual({ kept: 1, discarded: 0 });
    await expect(leadzen.leads.list()).rejects.toMatchObject({ code: 'not_signed_in' });
    expect(await leadzen.sync()).toMatchObject({ stoppedBy: 'signed_out' });

    phone.cable.off = false;
    const bob = newcomer({ name: 'Bob' }) as Newcomer;
    await leadzen.signUp(bob as never);
    expect((await leadzen.session())?.deviceId).not.toBe(before);
    expect(await leadzen.sync()).toMatchObject({ pushed: 0, upToDate: true });
    expect((await leadzen.leads.list()).items).toEqual([]);

    // Without a sign-out between: the switch itself is the border.
    await leadzen.signIn({ email, password: PASSWORD });
    expect((await leadzen.session())?.deviceId).toBe(before);
    expect(leadzen.syncStatus()).toMatchObject({ pending: 1 });
    expect((await leadzen.leads.list()).items).toMatchObject([{ name: 'Of Ada' }]);
    expect(await leadzen.sync()).toMatchObject({ pushed: 1, upToDate: true });
  });

  test('with "discard" leaves nothing of the user behind', async () => {
    const { phone } = await signedUp();
    await phone.leadzen.drafts.save('form', { name: 'half' });
    await phone.leadzen.leads.create({ name: 'Grace' });
    expect(await phone.leadzen.signOut({ pending: 'discard' })).toEqual({ kept: 0, discarded: 1 });
    expect([...phone.disk.keys()]).toEqual([]);
  });

  test('unused for the time that is set ends the session, and the outbox waits sealed', async () => {
    let time = Date.now();
    const { phone, email } = await signedUp({ sessionTimeoutMs: 60_000, now: () => time });
    await phone.leadzen.leads.create({ name: 'Grace' });
    time += 61_000;
    await expect(phone.leadzen.leads.list()).rejects.toMatchObject({ code: 'not_signed_in' });
    await phone.leadzen.signIn({ email, password: PASSWORD });
    expect(phone.leadzen.syncStatus()).toMatchObject({ pending: 1 });
    await phone.leadzen.close();
  });

  test('by a signed order destroys everything and says how many unsent events that were', async () => {
    const { phone, email } = await signedUp();
    const deviceId = (await phone.leadzen.session())?.deviceId ?? '';
    const other = phoneOn(networkTo(server.app));
    await other.leadzen.signIn({ email, password: PASSWORD });
    const admin = JSON.parse(other.keychain.get('leadzen.session') ?? '{}') as { tokens: { accessToken: string } };
    await phone.leadzen.leads.create({ name: 'Never sent' });
    const headers = { authorization: `Bearer ${admin.tokens.accessToken}` };
    const revoked = await server.app.inject({ method: 'DELETE', url: `/api/devices/${deviceId}`, headers });
    expect(revoked.statusCode).toBe(200);

    expect(await phone.leadzen.sync()).toMatchObject({ stoppedBy: 'wiped', upToDate: false });
    expect([...phone.disk.keys()]).toEqual([]);
    expect(phone.leadzen.syncStatus()).toMatchObject({ state: 'signed_out', wiped: { destroyedEvents: 1 } });
    const { items } = (await server.app.inject({ method: 'GET', url: '/api/devices', headers })).json<{
      items: { id: string; destroyedEvents: number | null }[];
    }>();
    expect(items.find(({ id }) => id === deviceId)).toMatchObject({ destroyedEvents: 1 });
  });

  test('a retired phone sends its outbox first', async () => {
    const { phone } = await signedUp();
    const kept = JSON.parse(phone.keychain.get('leadzen.session') ?? '{}') as {
      deviceId: string;
      tokens: { accessToken: string };
    };
    await phone.leadzen.leads.create({ name: 'Sent at last' });
    await postJson(server.app, `/api/devices/${kept.deviceId}/retire`, {}, kept.tokens.accessToken);
    expect(await phone.leadzen.sync()).toMatchObject({ pushed: 1, stoppedBy: 'wiped' });
    expect(phone.leadzen.syncStatus()).toMatchObject({ wiped: { destroyedEvents: 0 } });
  });

  test.each([
    ['a bare 401', { code: 'unauthenticated' }],
    ['a 401 that claims a revocation', { code: 'device_revoked' }],
    ['an order that nobody signed', { code: 'device_revoked', wipeOrder: 'e30.e30.AAAA' }],
  ])('%s wipes nothing', async (_, body) => {
    const network = networkTo(server.app);
    let hostile = false;
    const phone = phoneOn(async (url, init) =>
      hostile && !url.endsWith('jwks.json') ? answering(401, body) : network(url, init),
    );
    const ada = newcomer() as Newcomer;
    await phone.leadzen.signUp(ada as never);
    await phone.leadzen.leads.create({ name: 'Grace' });
    hostile = true;
    expect(await phone.leadzen.sync()).toMatchObject({ stoppedBy: 'signed_out' });
    expect(phone.leadzen.syncStatus()).toMatchObject({ pending: 1 });
    hostile = false;
    await phone.leadzen.signIn({ email: ada.email, password: PASSWORD });
    expect(await phone.leadzen.sync()).toMatchObject({ pushed: 1, upToDate: true });
  });
});
