import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newcomer, openTestApp, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn } from '../support/app-phone.ts';
import type { FetchPort } from '../../src/client/ports.ts';

const ELEVEN_MINUTES = 11 * 60_000;

describe('an access token that has expired', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await openTestApp();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Counts refreshes, and loses the answers of the first ones. */
  const opened = async (lost: number) => {
    const network = networkTo(server.app);
    const seen = { refreshes: 0 };
    const fetch: FetchPort = async (url, init) => {
      const answer = await network(url, init);
      if (!url.endsWith('/refresh')) return answer;
      seen.refreshes += 1;
      if (seen.refreshes <= lost) throw new TypeError('network request failed');
      return answer;
    };
    let time = Date.now();
    const { leadzen, keychain } = phoneOn(fetch, { now: () => time });
    await leadzen.signUp(newcomer() as never);
    await leadzen.leads.create({ name: 'Ada' });
    const expire = (ms: number): void => {
      time += ms;
      server.skew += ms;
    };
    return { leadzen, seen, keychain, expire };
  };

  test('is refreshed once, however many calls need it', async () => {
    const { leadzen, seen, expire } = await opened(0);
    expire(ELEVEN_MINUTES);
    await Promise.all([leadzen.sync(), leadzen.sync(), leadzen.sync()]);
    expect(leadzen.syncStatus()).toMatchObject({ upToDate: true, pending: 0 });
    expect(seen.refreshes).toBe(1);
  });

  test('is refreshed again with the same token when the answer was lost, and nobody is signed out', async () => {
    const { leadzen, expire } = await opened(2);
    expire(ELEVEN_MINUTES);
    expect(await leadzen.sync()).toMatchObject({ stoppedBy: 'offline' });
    expect(await leadzen.sync()).toMatchObject({ pushed: 1, upToDate: true });
    expire(ELEVEN_MINUTES);
    expect(await leadzen.sync()).toMatchObject({ upToDate: true });
  });

  test('lives in the keychain alone', async () => {
    const { leadzen, keychain } = await opened(0);
    await leadzen.sync();
    expect(keychain.get('leadzen.session')).toContain('refreshToken');
    expect((await leadzen.session())?.live).toBe(true);
  });
});
