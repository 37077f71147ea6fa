import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { answering, bodyOf, networkTo, phoneOn, type Phone } from '../support/app-phone.ts';
import type { FetchPort } from '../../src/client/ports.ts';

/** A server that fails over every request which holds this word. */
const failingOver =
  (fetch: FetchPort, word: string, status: number): FetchPort =>
  async (url, init) =>
    bodyOf(init).includes(word)
      ? answering(status, { code: 'internal', detail: 'Something broke.' })
      : fetch(url, init);

describe('a poisoned event', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await openTestApp();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const signedUp = async (fetch: FetchPort = networkTo(server.app)): Promise<Phone> => {
    const phone = phoneOn(fetch);
    await phone.leadzen.signUp(newcomer() as never);
    await phone.leadzen.sync();
    return phone;
  };

  test.each([
    ['answers 500', 500],
    ['answers 502', 502],
    ['calls the request too large', 413],
  ])('over which the server %s is set aside, and those around it pass', async (_, status) => {
    const { leadzen } = await signedUp(failingOver(networkTo(server.app), 'POISON', status));
    for (let at = 0; at < 9; at += 1) await leadzen.leads.create({ name: at === 4 ? 'POISON' : `Lead ${at}` });
    expect(await leadzen.sync()).toMatchObject({ pushed: 8, refused: 1, upToDate: true });
    const [poisoned, ...others] = await leadzen.refused.list();
    expect(others).toEqual([]);
    expect(poisoned).toMatchObject({ code: 'undeliverable', type: 'LeadCreated', data: { name: 'POISON' } });
    expect(leadzen.status(poisoned?.stream.id ?? '')).toBe('refused');

    await leadzen.refused.resend(poisoned?.id ?? '', { name: 'Remedy' });
    expect(await leadzen.refused.list()).toEqual([]);
    expect(await leadzen.sync()).toMatchObject({ pushed: 1, refused: 0, upToDate: true });
    expect(await leadzen.leads.get(poisoned?.stream.id ?? '')).toMatchObject({ name: 'Remedy', version: 1 });
  });

  test('is not made of every event by a server that is simply broken', async () => {
    let broken = false;
    const network = networkTo(server.app);
    const { leadzen } = await signedUp(async (url, init) => (broken ? answering(500, {}) : network(url, init)));
    await leadzen.leads.create({ name: 'Ada' });
    broken = true;
    expect(await leadzen.sync()).toMatchObject({ pushed: 0, refused: 0, stoppedBy: 'server_unavailable' });
    broken = false;
    expect(await leadzen.sync()).toMatchObject({ pushed: 1, refused: 0, upToDate: true });
  });

  test('that the server refuses blocks what depends on it and nothing else, until it is sent again', async () => {
    const first = await signedUp();
    const email = (await first.leadzen.session())?.user.email ?? '';
    const second = phoneOn(networkTo(server.app));
    await second.leadzen.signIn({ email, password: PASSWORD });
    const company = await first.leadzen.companies.create({ name: 'Acme' });
    await first.leadzen.sync();
    await second.leadzen.sync();
    await second.leadzen.companies.delete(company.id);
    await second.leadzen.sync();

    // Two edits of a company that is deleted by now; a lead of its own; a contact that only exists if its creation passes.
    await first.leadzen.companies.update(company.id, { domain: 'acme.example' });
    const lead = await first.leadzen.leads.create({ name: 'Grace' });
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 1, refused: 1, upToDate: true });
    expect(first.leadzen.status(lead.id)).toBe('confirmed');
    expect(first.leadzen.status(company.id)).toBe('refused');
    // Only its effect is gone.
    expect(await first.leadzen.companies.get(company.id)).toMatchObject({ name: 'Acme', domain: null });
    const [refused] = await first.leadzen.refused.list();
    expect(refused).toMatchObject({ code: 'archived', data: { domain: 'acme.example' } });

    await first.leadzen.companies.restore(company.id);
    await first.leadzen.refused.resend(refused?.id ?? '');
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 2, refused: 0, upToDate: true });
    expect(await first.leadzen.companies.get(company.id)).toMatchObject({ domain: 'acme.example', deletedAt: null });
  });

  test('that makes a record holds back what belongs to the record, and frees it', async () => {
    const { leadzen } = await signedUp(failingOver(networkTo(server.app), 'POISON', 500));
    const lead = await leadzen.leads.create({ name: 'POISON' });
    await leadzen.leads.update(lead.id, { title: 'Countess' });
    await leadzen.activities.addNote({ about: { type: 'lead', id: lead.id }, body: 'Called' });
    const other = await leadzen.leads.create({ name: 'Grace' });
    expect(await leadzen.sync()).toMatchObject({ pushed: 1, refused: 1, upToDate: false, stoppedBy: 'waiting' });
    expect(leadzen.status(other.id)).toBe('confirmed');
    expect(leadzen.syncStatus()).toMatchObject({ pending: 2, refused: 1 });
    expect(await leadzen.leads.get(lead.id)).toBeUndefined();

    const [refused] = await leadzen.refused.list();
    await leadzen.refused.resend(refused?.id ?? '', { name: 'Ada' });
    expect(await leadzen.sync()).toMatchObject({ pushed: 3, upToDate: true });
    expect(await leadzen.leads.get(lead.id)).toMatchObject({ name: 'Ada', title: 'Countess' });
    expect((await leadzen.activities.list()).items).toMatchObject([{ body: 'Called' }]);
  });

  test('that is given up lets what depended on it have its own verdict', async () => {
    const { leadzen } = await signedUp(failingOver(networkTo(server.app), 'POISON', 500));
    const lead = await leadzen.leads.create({ name: 'POISON' });
    await leadzen.leads.update(lead.id, { title: 'Countess' });
    await leadzen.sync();
    const [refused] = await leadzen.refused.list();
    await leadzen.refused.discard(refused?.id ?? '');
    expect(await leadzen.sync()).toMatchObject({ refused: 1, upToDate: true });
    expect(await leadzen.refused.list()).toMatchObject([{ code: 'unknown_stream', data: { title: 'Countess' } }]);
  });
});
