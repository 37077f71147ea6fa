import { afterAll, beforeAll, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn } from '../support/app-phone.ts';

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

test('what a phone keeps tells whoever reads its storage no record, name, address, id or token', async () => {
  const ada = newcomer({ name: 'canary-user', workspaceName: 'canary-workspace' }) as { readonly email: string };
  const phone = phoneOn(networkTo(server.app));
  const { leadzen, disk, keychain } = phone;
  await leadzen.signUp(ada as never);
  await leadzen.sync();
  const sent = await leadzen.leads.create({ name: 'canary-sent', customFields: { secret: 'canary-value' } });
  const deal = await leadzen.deals.create({ name: 'canary-deal', amountMinor: 4_242_424, currency: 'EUR' });
  await leadzen.activities.addNote({ about: { type: 'deal', id: deal.id }, body: 'canary-note' });
  await leadzen.sync();
  phone.cable.off = true;
  const waiting = await leadzen.contacts.create({ name: 'canary-waiting', emails: [{ value: 'canary@example.com' }] });
  await leadzen.drafts.save('canary-form', { name: 'canary-draft' });
  await leadzen.settings.set('canary-setting', 'canary-choice');
  const session = await leadzen.session();
  await leadzen.close();

  const { tokens } = JSON.parse(keychain.get('leadzen.session') ?? '{}') as {
    tokens: { accessToken: string; refreshToken: string };
  };
  const dump = Array.from(disk, (entry) => entry.join(' ')).join('\n');
  expect(dump.length).toBeGreaterThan(1000);
  const secrets = [ada.email, PASSWORD, tokens.accessToken, tokens.refreshToken, '4242424', 'LeadCreated', '"name"'];
  const ids = [
    sent.id,
    deal.id,
    waiting.id,
    session?.user.id ?? '',
    session?.workspace.id ?? '',
    session?.deviceId ?? '',
  ];
  const found = [...secrets, ...ids].filter((secret) => dump.includes(secret));
  expect([...found, ...(dump.match(/canary[-@\w]*/g) ?? [])]).toEqual([]);

  const again = phone.restart();
  expect((await again.leadzen.leads.list()).items).toMatchObject([{ name: 'canary-sent' }]);
  expect((await again.leadzen.contacts.list()).items).toMatchObject([{ name: 'canary-waiting' }]);
  expect(await again.leadzen.drafts.get('canary-form')).toEqual({ name: 'canary-draft' });
});
