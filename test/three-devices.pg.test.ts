import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { createDevice, type Device, type Fault } from './support/device.ts';
import { startServerProcess, type ServerProcess } from './support/server-process.ts';

const SEED = 20_261_122;
const ROUNDS = 120;

const post = async (url: string, body: object, token?: string) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return response.json() as Promise<{ accessToken: string; deviceId: string }>;
};

const credentials = { email: 'ada@example.com', password: 'a long pass phrase' };

/** What somebody does on a phone: makes records, edits any that the phone knows, writes notes. */
const act = (device: Device, pick: (max: number) => number): void => {
  const leads = [...device.records].filter(([, { type }]) => type === 'lead').map(([id]) => id);
  const own = device.outbox.filter(({ type }) => type === 'LeadCreated').map(({ stream }) => stream.id);
  const targets = [...leads, ...own];
  const target = targets[pick(Math.max(1, targets.length))];
  const choice = pick(10);
  if (target === undefined || choice < 3)
    device.record('LeadCreated', uuidv7(), { name: `Lead of ${device.id.slice(-4)}` });
  else if (choice < 6)
    device.record('LeadDetailsChanged', target, { title: `Title ${pick(1000)}`, source: `Source ${pick(5)}` });
  else if (choice < 7) device.record('LeadDetailsChanged', target, { customFields: { [`key${pick(3)}`]: pick(100) } });
  else if (choice < 8) device.record('LeadStatusChanged', target, { status: 'contacted' });
  else if (choice < 9) device.record('NoteAdded', uuidv7(), { about: { type: 'lead', id: target }, body: 'Called' });
  else device.record('LeadCreated', uuidv7(), { name: '' });
};

const FAULTS: readonly Fault[] = ['none', 'none', 'none', 'lost', 'doubled'];

test(
  'three devices end equal after lost and doubled answers and a server killed in between',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'leadzen-devices-'));
    const env = { LEADZEN_DATA_DIR: folder, LOG_LEVEL: 'fatal' };
    let server: ServerProcess = await startServerProcess(env);
    const port = new URL(server.address).port;
    const restart = async (): Promise<void> => {
      await server.end('SIGKILL');
      server = await startServerProcess({ ...env, PORT: port });
    };
    try {
      await post(`${server.address}/api/auth/sign-up`, { workspaceName: 'Acme', name: 'Ada', ...credentials });
      const devices = await Promise.all(
        [1, 2, 3].map(async () => {
          const device = { id: uuidv7(), name: 'Phone', platform: 'test' };
          const { accessToken, deviceId } = await post(`${server.address}/api/auth/sign-in`, {
            ...credentials,
            device,
          });
          expect(deviceId).toBe(device.id);
          return createDevice(deviceId, () => accessToken);
        }),
      );
      const [choices] = fc.sample(fc.infiniteStream(fc.nat()), { seed: SEED, numRuns: 1 });
      const pick = (max: number): number => (choices?.next().value ?? 0) % max;
      const happened = { lost: 0, doubled: 0, none: 0, down: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const device of devices) for (let edits = pick(4); edits > 0; edits -= 1) act(device, pick);
        const killed = round % 40 === 20 ? restart() : undefined;
        await Promise.all(
          devices.map(async (device) => {
            if (pick(4) === 0) return;
            const fault = FAULTS[pick(FAULTS.length)] as Fault;
            const arrived = await device.sync(server.address, fault);
            happened[fault === 'none' && !arrived ? 'down' : fault] += 1;
          }),
        );
        await killed;
      }
      expect(Math.min(...Object.values(happened)), JSON.stringify(happened)).toBeGreaterThan(0);
      for (let tries = 0; devices.some((device) => !device.upToDate()) && tries < 500; tries += 1) {
        for (const device of devices) await device.sync(server.address, 'none');
      }
      for (const device of devices) await device.sync(server.address, 'none');
      // A phone that was never there gets the states that the server holds.
      const signedIn = await post(`${server.address}/api/auth/sign-in`, credentials);
      const fresh = createDevice(signedIn.deviceId, () => signedIn.accessToken);
      for (let pages = 0; !fresh.upToDate() && pages < 500; pages += 1) await fresh.sync(server.address, 'none');

      const auditor = createAuditor(server.address, signedIn.accessToken);
      const log = await auditor();
      expect(log.map(({ position }) => position)).toEqual(log.map((_, index) => index + 1));
      expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
      const positions = new Map(log.map(({ id, position }) => [id, position]));
      for (const device of devices) {
        expect(device.outbox).toEqual([]);
        expect(device.refused.size).toBeGreaterThan(0);
        for (const [id, position] of device.acknowledged) expect(positions.get(id)).toBe(position);
        for (const id of device.refused.keys()) expect(positions.has(id)).toBe(false);
      }
      const acknowledged = devices.reduce((sum, device) => sum + device.acknowledged.size, 0);
      expect(acknowledged).toBe(log.filter(({ device }) => devices.some(({ id }) => id === device)).length);
      const [first, ...others] = [fresh, ...devices].map(({ records }) =>
        Object.fromEntries([...records].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      );
      expect(Object.keys(first ?? {}).length).toBeGreaterThan(50);
      expect(others).toHaveLength(3);
      for (const other of others) expect(other).toEqual(first);
    } finally {
      await server.end('SIGTERM');
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    }
  },
);

/** Reads the whole log by events. */
const createAuditor = (address: string, token: string) => async () => {
  interface Page {
    readonly cursor: string;
    readonly upToDate: boolean;
    readonly ops: readonly { readonly id: string; readonly position: number; readonly device: string }[];
  }
  const log: Page['ops'][number][] = [];
  for (let cursor: string | null = null; ;) {
    const page = (await post(
      `${address}/api/sync`,
      { protocol: 1, cursor, mode: 'events', limit: 100 },
      token,
    )) as unknown as Page;
    log.push(...page.ops);
    cursor = page.cursor;
    if (page.upToDate) return log;
  }
};
