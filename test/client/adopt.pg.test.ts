import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdoptSpec } from '../../src/client/api.ts';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { Died, networkTo, phoneOn, type Phone } from '../support/app-phone.ts';

/** What the app of the seed text leaves in AsyncStorage. */
const CACHED = [
  { id: 'temp_1', name: 'Ada', status: 'new', isDirty: true },
  { id: 17, name: 'Grace', company: 'Navy', status: 'contacted', priority: 'high' },
  { id: 'temp_2', name: '', isDirty: true },
  { id: 'temp_3', name: 'Ida', isDirty: true },
];
const PENDING = [{ id: 'temp_1', name: 'Ada', title: 'Countess', isDirty: true }];

const spec: AdoptSpec = {
  key: 'cached_leads',
  type: 'lead',
  map: ({ name, status, title, priority, company }) => ({
    name: name ?? null,
    ...(status === undefined ? {} : { status }),
    ...(title === undefined ? {} : { title }),
    ...(priority === undefined ? {} : { priority }),
    ...(company === undefined ? {} : { companyName: company }),
  }),
};

describe('the cache of an AsyncStorage-only app', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await openTestApp();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const withOldApp = async (): Promise<{ phone: Phone; email: string }> => {
    const disk = new Map([
      ['cached_leads', JSON.stringify(CACHED)],
      ['pending_changes', JSON.stringify(PENDING)],
      ['last_sync', '1700000000000'],
    ]);
    const phone = phoneOn(networkTo(server.app), {}, { disk });
    const ada = newcomer() as { email: string };
    await phone.leadzen.signUp(ada as never);
    return { phone, email: ada.email };
  };

  test('becomes leads, its unsent changes on top, and says what was left out and why', async () => {
    const { phone, email } = await withOldApp();
    const report = await phone.leadzen.adopt(spec);
    expect(report).toMatchObject({ adopted: 3, already: 0, skipped: [{ id: 'temp_2' }] });
    expect(Object.keys(report.ids)).toEqual(['17', 'temp_1', 'temp_3']);
    expect(await phone.leadzen.leads.get(report.ids['temp_1'] ?? '')).toMatchObject({ name: 'Ada', title: 'Countess' });
    expect(await phone.leadzen.sync()).toMatchObject({ pushed: 3, refused: 0, upToDate: true });

    const other = phoneOn(networkTo(server.app));
    await other.leadzen.signIn({ email, password: PASSWORD });
    await other.leadzen.sync();
    const names = (await other.leadzen.leads.list({ sort: 'name' })).items.map(({ name }) => name);
    expect(names).toEqual(['Ada', 'Grace', 'Ida']);
  });

  test('is adopted once, however often it is asked for', async () => {
    const { phone } = await withOldApp();
    const report = await phone.leadzen.adopt(spec);
    phone.disk.set('cached_leads', JSON.stringify([...CACHED, { id: 'temp_9', name: 'Late' }]));
    expect(await phone.leadzen.adopt(spec)).toEqual(report);
    expect(await phone.leadzen.sync()).toMatchObject({ pushed: 3 });
  });

  test('is adopted once when the app dies at any write and begins again', async () => {
    for (let writes = 0, died = true; died; writes += 1) {
      const { phone } = await withOldApp();
      phone.life.writesLeft = writes;
      died = await phone.leadzen.adopt(spec).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Died);
          return true;
        },
      );
      const again = phone.restart();
      const { adopted, already, ids } = await again.leadzen.adopt(spec);
      expect(adopted + already, `after ${writes} writes`).toBe(3);
      expect(Object.keys(ids)).toHaveLength(3);
      expect(await again.leadzen.sync()).toMatchObject({ pushed: 3, refused: 0, upToDate: true });
      expect((await again.leadzen.leads.list()).items).toHaveLength(3);
      if (!died) expect(writes).toBeGreaterThan(3);
    }
  });

  test('that is no JSON is left alone, with a word about it', async () => {
    const { phone } = await withOldApp();
    phone.disk.set('cached_leads', '{"half":');
    await expect(phone.leadzen.adopt(spec)).rejects.toMatchObject({ code: 'invalid' });
  });
});
