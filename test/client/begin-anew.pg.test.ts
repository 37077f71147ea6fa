import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { bodyOf, networkTo, phoneOn, rewriting } from '../support/app-phone.ts';

describe('a log that was restored to an older moment', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await openTestApp();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Everything of the workspace behind a position is gone, as after a restored backup. */
  const restoreTo = async (workspaceId: string, position: number): Promise<void> => {
    const client = new pg.Client({ connectionString: server.test.url });
    await client.connect();
    try {
      await client.query('delete from event where workspace_id = $1 and position > $2', [workspaceId, position]);
      await client.query('delete from stream where workspace_id = $1 and position > $2', [workspaceId, position]);
      await client.query('update workspace set head = $2 where workspace_id = $1', [workspaceId, position]);
    } finally {
      await client.end();
    }
  };

  test('is sent the whole outbox again, acknowledged or not, and the cache ends like the log', async () => {
    const network = networkTo(server.app);
    const sent: string[] = [];
    let isPageLost = false;
    const phone = phoneOn(
      rewriting(
        async (url, init) => {
          if (url.endsWith('/api/sync')) sent.push(bodyOf(init));
          return network(url, init);
        },
        (answer) => {
          if (!isPageLost) return answer;
          const { cursor: _, ops: __, ...results } = answer;
          return results;
        },
      ),
    );
    const ada = newcomer() as { email: string };
    const { workspace } = await phone.leadzen.signUp(ada as never);
    const kept = await phone.leadzen.leads.create({ name: 'Kept' });
    await phone.leadzen.sync();
    const { rows } = await server.test.database.owner.query<{ head: number }>(
      'select head from workspace where workspace_id = $1',
      [workspace.id],
    );
    const lost = await phone.leadzen.leads.create({ name: 'Gone with the log' });
    await phone.leadzen.sync();
    isPageLost = true;
    const again = await phone.leadzen.leads.create({ name: 'Acknowledged, not back' });
    await phone.leadzen.sync();
    expect(phone.leadzen.status(again.id)).toBe('sent');
    isPageLost = false;
    await restoreTo(workspace.id, rows[0]?.head ?? 0);
    const waiting = await phone.leadzen.leads.create({ name: 'Never sent' });
    sent.length = 0;

    expect(await phone.leadzen.sync()).toMatchObject({ pushed: 2, upToDate: true });
    expect(sent.some((body) => body.includes('Acknowledged, not back') && body.includes('Never sent'))).toBe(true);
    const names = (await phone.leadzen.leads.list({ sort: 'name' })).items.map(({ name }) => name);
    expect(names).toEqual(['Acknowledged, not back', 'Kept', 'Never sent']);
    expect(await phone.leadzen.leads.get(lost.id)).toBeUndefined();

    const other = phoneOn(networkTo(server.app));
    await other.leadzen.signIn({ email: ada.email, password: PASSWORD });
    await other.leadzen.sync();
    expect((await other.leadzen.leads.list()).items.map(({ id }) => id).toSorted()).toEqual(
      [kept.id, again.id, waiting.id].toSorted(),
    );
  });

  test('keeps the cache on view until the new first sync has ended, over restarts too', async () => {
    const network = networkTo(server.app);
    let pagesLeft = Infinity;
    const fetch: typeof network = async (url, init) => {
      if (url.endsWith('/api/sync') && (pagesLeft -= 1) < 0) throw new TypeError('network request failed');
      return network(url, init);
    };
    let phone = phoneOn(fetch);
    const { workspace } = await phone.leadzen.signUp(newcomer() as never);
    await phone.leadzen.sync();
    await phone.leadzen.leads.create({ name: 'On view' });
    await phone.leadzen.sync();
    await restoreTo(workspace.id, 4);
    pagesLeft = 1;
    expect(await phone.leadzen.sync()).toMatchObject({ stoppedBy: 'offline' });
    phone = phone.restart();
    expect((await phone.leadzen.leads.list()).items).toMatchObject([{ name: 'On view' }]);
    pagesLeft = Infinity;
    expect(await phone.leadzen.sync()).toMatchObject({ upToDate: true });
    expect((await phone.leadzen.leads.list()).items).toEqual([]);
  });
});
