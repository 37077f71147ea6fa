import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createLeadZen } from '../../src/client/create-leadzen.ts';
import type { LeadZen, LeadZenOptions } from '../../src/client/index.ts';
import { newcomer, openTestApp, PASSWORD, type TestApp } from '../support/app.ts';
import { mapSecrets, mapStorage } from '../support/app-phone.ts';

let server: TestApp;
let baseUrl: string;
beforeAll(async () => {
  server = await openTestApp();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  baseUrl = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
});
afterAll(() => server[Symbol.asyncDispose]());

const phone = (options: Partial<LeadZenOptions> = {}): LeadZen =>
  createLeadZen({ baseUrl, storage: mapStorage(), secrets: mapSecrets(), ...options });

test('an edit goes out by itself, and the other phone hears of it and shows it', async () => {
  const ada = newcomer() as { email: string };
  const first = phone();
  const second = phone({ openSocket: (url) => new WebSocket(url) });
  await first.signUp(ada as never);
  await second.signIn({ email: ada.email, password: PASSWORD });
  const list = second.leads.live({ status: 'new' });
  const told = vi.fn();
  const stop = list.subscribe(told);
  await vi.waitFor(() => expect(second.syncStatus().upToDate).toBe(true));

  const lead = await first.leads.create({ name: 'Grace' });
  await vi.waitFor(() => expect(list.current()).toMatchObject([{ id: lead.id, name: 'Grace' }]), { timeout: 5000 });
  expect(list.current()).toBe(list.current());
  await first.leads.changeStatus(lead.id, 'contacted');
  await vi.waitFor(() => expect(list.current()).toEqual([]), { timeout: 5000 });
  expect(told.mock.calls.length).toBeGreaterThanOrEqual(2);
  stop();
  await Promise.all([first.close(), second.close()]);
});

test('coming to the foreground or back online is a reason to sync, and what is closed stays quiet', async () => {
  let online = (): void => {};
  const stopped = vi.fn();
  const sent: string[] = [];
  const leadzen = phone({
    onOnline: (listener) => {
      online = listener;
      return stopped;
    },
    fetch: async (url, init) => {
      sent.push(url);
      return fetch(url, init as RequestInit);
    },
  });
  await leadzen.signUp(newcomer() as never);
  await vi.waitFor(() => expect(leadzen.syncStatus().upToDate).toBe(true));
  const before = sent.length;
  online();
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(before));
  await vi.waitFor(() => expect(leadzen.syncStatus().state).toBe('idle'));
  await leadzen.close();
  expect(stopped).toHaveBeenCalledOnce();
});

test('with the network back it listens for hints again at once, however often it failed meanwhile', async () => {
  let online = (): void => {};
  let isOnline = false;
  const opened: string[] = [];
  const waits: number[] = [];
  const leadzen = phone({
    onOnline: (listener) => {
      online = listener;
      return () => {};
    },
    openSocket: (url) => {
      opened.push(url);
      return new WebSocket(isOnline ? url : 'ws://127.0.0.1:1');
    },
    // Whoever waits for longer than a moment waits for ever: only the network's return may end it.
    timers: {
      set: (run, ms) => {
        waits.push(ms);
        return ms < 500 ? setTimeout(run, ms) : undefined;
      },
      clear: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
    },
    random: () => 0.9,
  });
  await leadzen.signUp(newcomer() as never);
  await vi.waitFor(() => expect(waits.some((ms) => ms > 500)).toBe(true));
  const before = opened.length;
  isOnline = true;
  online();
  await vi.waitFor(() => expect(opened.length).toBeGreaterThan(before));
  await leadzen.close();
});

test('of two tabs only one is at home; the other takes over when it closes', async () => {
  let held: Promise<void> = Promise.resolve();
  const locks = {
    request: (_name: string, _options: object, run: () => Promise<void>): Promise<void> => (held = held.then(run)),
  };
  const [storage, secrets] = [mapStorage(), mapSecrets()];
  const first = phone({ storage, secrets, locks });
  await first.signUp(newcomer() as never);
  await first.leads.create({ name: 'Grace' });
  const second = phone({ storage, secrets, locks });
  await vi.waitFor(() => expect(second.syncStatus().state).toBe('standby'));
  await first.close();
  expect((await second.leads.list()).items).toMatchObject([{ name: 'Grace' }]);
  await second.close();
});
