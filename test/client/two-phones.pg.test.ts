import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn, type Phone } from '../support/app-phone.ts';

type Newcomer = {
  readonly workspaceName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
};

describe('two phones of one user', () => {
  let server: TestApp;
  let first: Phone;
  let second: Phone;
  const ada = newcomer() as Newcomer;

  beforeAll(async () => {
    server = await openTestApp();
    first = phoneOn(networkTo(server.app));
    second = phoneOn(networkTo(server.app));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('a lead made offline is there at once and reaches the other phone by a sync of each', async () => {
    await first.leadzen.signUp(ada);
    await second.leadzen.signIn({ email: ada.email, password: PASSWORD });
    first.cable.off = true;
    const lead = await first.leadzen.leads.create({ name: 'Grace', source: 'referral' });
    expect(lead).toMatchObject({ name: 'Grace', status: 'new', version: 0 });
    expect(first.leadzen.status(lead.id)).toBe('saved');
    expect(await first.leadzen.sync()).toMatchObject({ stoppedBy: 'offline', upToDate: false });
    expect(first.leadzen.status(lead.id)).toBe('queued');
    first.cable.off = false;

    expect(await first.leadzen.sync()).toMatchObject({ pushed: 1, refused: 0, conflicts: 0, upToDate: true });
    expect(first.leadzen.status(lead.id)).toBe('confirmed');
    expect(await second.leadzen.sync()).toMatchObject({ pushed: 0, upToDate: true });
    expect(await second.leadzen.leads.get(lead.id)).toEqual(await first.leadzen.leads.get(lead.id));
  });

  test('a deal is made, moved and won, and its notes come along', async () => {
    const [pipeline] = (await first.leadzen.pipelines.list()).items;
    const deal = await first.leadzen.deals.create({ name: 'Big one', amountMinor: 100_00, currency: 'EUR' });
    await first.leadzen.deals.changeStage(deal.id, pipeline?.stages[1]?.id ?? '');
    await first.leadzen.activities.addNote({ about: { type: 'deal', id: deal.id }, body: 'They like it' });
    const won = await first.leadzen.deals.win(deal.id);
    expect(won).toMatchObject({ outcome: 'won', probabilityBp: 10_000, stageId: pipeline?.stages[4]?.id });
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 4, upToDate: true });
    await second.leadzen.sync();
    expect(await second.leadzen.deals.get(deal.id)).toMatchObject({ outcome: 'won' });
    expect((await second.leadzen.activities.list({ about: { type: 'deal', id: deal.id } })).items).toMatchObject([
      { kind: 'note', body: 'They like it' },
    ]);
  });

  test('a conversion is one group', async () => {
    const lead = await first.leadzen.leads.create({
      name: 'Ida',
      companyName: 'Rhodes',
      amountMinor: 5,
      currency: 'EUR',
    });
    const { contact, company, deal } = await first.leadzen.leads.convert(lead.id, { deal: { name: 'Rhodes I' } });
    expect(contact).toMatchObject({ name: 'Ida', companyId: company?.id });
    expect(deal).toMatchObject({ name: 'Rhodes I', amountMinor: 5, contactIds: [contact.id] });
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 5, refused: 0, upToDate: true });
    await second.leadzen.sync();
    expect(await second.leadzen.leads.get(lead.id)).toMatchObject({ status: 'qualified', dealId: deal?.id });
    expect(await second.leadzen.deals.get(deal?.id ?? '')).toMatchObject({ outcome: 'open' });
  });

  test('a rule says no at once, without the network', async () => {
    const deal = await first.leadzen.deals.create({ name: 'Small one' });
    await first.leadzen.deals.lose(deal.id, { reason: 'price' });
    await expect(first.leadzen.deals.win(deal.id)).rejects.toMatchObject({ name: 'Refusal', code: 'invalid' });
    await expect(first.leadzen.leads.create({})).rejects.toMatchObject({
      fields: [{ path: 'data', message: 'needs a name or a companyName' }],
    });
    const lead = await first.leadzen.leads.create({ name: 'Alone' });
    await expect(first.leadzen.leads.convert(lead.id, { company: {} })).rejects.toMatchObject({
      name: 'Refusal',
      fields: [{ path: 'company.name', message: 'is missing' }],
    });
  });

  test('a restart finds everything, sent or not', async () => {
    const before = await first.leadzen.leads.list();
    await first.leadzen.close();
    first = first.restart();
    expect(await first.leadzen.leads.list()).toEqual(before);
    expect(first.leadzen.syncStatus()).toMatchObject({ pending: 3 });
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 3, upToDate: true });
  });

  test('a phone says when it last synced over a restart, and to nobody else', async () => {
    const { lastSyncedAt } = second.leadzen.syncStatus();
    expect(Math.abs(Date.now() - Number(lastSyncedAt))).toBeLessThan(60_000);
    await second.leadzen.close();
    second = second.restart();
    await second.leadzen.leads.list();
    expect(second.leadzen.syncStatus()).toMatchObject({ lastSyncedAt });
    second.cable.off = true;
    await second.leadzen.sync();
    expect(second.leadzen.syncStatus()).toMatchObject({ state: 'offline', lastSyncedAt });
    second.cable.off = false;
    await second.leadzen.sync();
    expect(second.leadzen.syncStatus().lastSyncedAt).not.toBe(lastSyncedAt);
    await second.leadzen.signOut();
    await second.leadzen.signUp(newcomer() as Newcomer);
    expect(second.leadzen.syncStatus()).toMatchObject({ lastSyncedAt: null });
  });
});
