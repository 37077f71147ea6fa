import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn, type Phone } from '../support/app-phone.ts';

describe('two phones that change the price of one deal', () => {
  let server: TestApp;
  let first: Phone;
  let second: Phone;
  beforeAll(async () => {
    server = await openTestApp();
    const ada = newcomer() as { email: string };
    first = phoneOn(networkTo(server.app));
    second = phoneOn(networkTo(server.app));
    await first.leadzen.signUp(ada as never);
    await second.leadzen.signIn({ email: ada.email, password: PASSWORD });
    await both();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const both = async (): Promise<void> => {
    for (const { leadzen } of [first, second, first]) await leadzen.sync();
  };
  const contested = async (): Promise<string> => {
    const { id } = await first.leadzen.deals.create({ name: 'Big one', amountMinor: 100, currency: 'EUR' });
    await both();
    await first.leadzen.deals.update(id, { amountMinor: 200 });
    await second.leadzen.deals.update(id, { amountMinor: 300 });
    await first.leadzen.sync();
    return id;
  };

  test('overwrite nothing: the later one is asked, and both see the question', async () => {
    const id = await contested();
    expect(await second.leadzen.deals.get(id)).toMatchObject({ amountMinor: 300 });
    expect(await second.leadzen.sync()).toMatchObject({ pushed: 1, conflicts: 1, refused: 0, upToDate: true });
    await first.leadzen.sync();
    for (const { leadzen } of [first, second]) {
      expect(await leadzen.deals.get(id)).toMatchObject({ amountMinor: 200 });
      expect(leadzen.status(id)).toBe('conflict');
      expect(leadzen.syncStatus()).toMatchObject({ conflicts: 1, pending: 0 });
      expect(await leadzen.conflicts.list()).toMatchObject([
        {
          stream: { type: 'deal', id },
          register: 'money',
          current: { amountMinor: 200 },
          proposed: { amountMinor: 300 },
        },
      ]);
    }
    expect((await second.leadzen.conflicts.list())[0]?.isOwn).toBe(true);

    const [conflict] = await first.leadzen.conflicts.list();
    await first.leadzen.conflicts.resolve(conflict?.id ?? '', 'proposed');
    // At once and offline: the question is gone and the price is what was chosen.
    expect(await first.leadzen.deals.get(id)).toMatchObject({ amountMinor: 300 });
    expect(await first.leadzen.conflicts.list()).toEqual([]);
    await both();
    for (const { leadzen } of [first, second]) {
      expect(await leadzen.deals.get(id)).toMatchObject({ amountMinor: 300 });
      expect(leadzen.status(id)).toBe('confirmed');
      expect(leadzen.syncStatus()).toMatchObject({ conflicts: 0 });
    }
  });

  test('are settled once: whoever comes second is told so', async () => {
    const id = await contested();
    await second.leadzen.sync();
    await first.leadzen.sync();
    const [conflict] = await first.leadzen.conflicts.list();
    await first.leadzen.conflicts.resolve(conflict?.id ?? '', 'current');
    await second.leadzen.conflicts.resolve(conflict?.id ?? '', 'custom', { amountMinor: 250, currency: 'EUR' });
    expect(await second.leadzen.sync()).toMatchObject({ pushed: 1, refused: 0 });
    expect(await first.leadzen.sync()).toMatchObject({ refused: 1 });
    expect(await first.leadzen.deals.get(id)).toMatchObject({ amountMinor: 250 });
    const [late] = await first.leadzen.refused.list();
    expect(late).toMatchObject({ code: 'already_resolved', type: 'ConflictResolved' });
    await first.leadzen.refused.discard(late?.id ?? '');
  });

  test('never conflict with themselves, however many edits wait', async () => {
    const { id } = await first.leadzen.deals.create({ name: 'Own', amountMinor: 1, currency: 'EUR' });
    await first.leadzen.sync();
    for (const amountMinor of [2, 3, 4]) await first.leadzen.deals.update(id, { amountMinor });
    expect(await first.leadzen.sync()).toMatchObject({ pushed: 3, conflicts: 0 });
    expect(await first.leadzen.deals.get(id)).toMatchObject({ amountMinor: 4 });
  });

  test('in a group lose it whole, and can send it again', async () => {
    const { id } = await first.leadzen.deals.create({ name: 'Group', amountMinor: 1, currency: 'EUR' });
    await both();
    await first.leadzen.deals.update(id, { amountMinor: 2 });
    await first.leadzen.sync();
    await second.leadzen.deals.update(id, { name: 'Renamed', amountMinor: 3 });
    expect(await second.leadzen.sync()).toMatchObject({ refused: 2, upToDate: true });
    expect(await second.leadzen.deals.get(id)).toMatchObject({ name: 'Group', amountMinor: 2 });
    const [refused, ...others] = await second.leadzen.refused.list();
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ code: 'conflict', data: { amountMinor: 3 } });
    expect(refused?.together).toHaveLength(2);
    await second.leadzen.refused.resend(refused?.id ?? '');
    expect(await second.leadzen.sync()).toMatchObject({ pushed: 2, upToDate: true });
    expect(await second.leadzen.deals.get(id)).toMatchObject({ name: 'Renamed', amountMinor: 3 });
  });
});
