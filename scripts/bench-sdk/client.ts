import { createLeadZen } from '../../src/client/create-leadzen.ts';
import type { LeadZen } from '../../src/client/index.ts';
import { cableTo, mapSecrets, mapStorage, type Cable } from '../../test/support/app-phone.ts';
import { startBenchServer } from '../bench/bench-server.ts';
import type { SdkRow } from './row.ts';

const WAITING = 10_000;
const EDITS = 1000;
const PENDING = 5000;

interface Phone {
  readonly leadzen: LeadZen;
  readonly cable: Cable;
  restart(): Phone;
}

const phoneOn = (baseUrl: string, disk = new Map<string, string>(), keychain = new Map<string, string>()): Phone => {
  const cable = cableTo((url, init) => fetch(url, init as RequestInit));
  const leadzen = createLeadZen({
    baseUrl,
    storage: mapStorage(disk),
    secrets: mapSecrets(keychain),
    fetch: cable.fetch,
    autoSync: false,
  });
  return { leadzen, cable, restart: () => phoneOn(baseUrl, disk, keychain) };
};

const signedIn = async (baseUrl: string): Promise<Phone> => {
  const phone = phoneOn(baseUrl);
  await phone.leadzen.signIn({ email: 'ada@bench.example', password: 'a long pass phrase' });
  await phone.leadzen.sync();
  return phone;
};

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await act();
  return performance.now() - from;
};

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

const createLeads = async ({ leads }: LeadZen, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const lead = { name: `Lead ${n}`, companyName: `Company ${n % 900}`, source: 'referral', title: 'Purchasing' };
    ids.push((await leads.create(lead)).id);
  }
  return ids;
};

/** An edit of a phone that has been offline for long: judged, shown and durable. */
const editRow = async (baseUrl: string): Promise<SdkRow> => {
  const { leadzen } = await signedIn(baseUrl);
  const ids = await createLeads(leadzen, WAITING);
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let n = 0; n < EDITS; n += 1) {
    const before = process.threadCpuUsage();
    wall.push(await timed(() => leadzen.leads.update(ids[n * 7] ?? '', { title: `Title ${n}` })));
    const { user, system } = process.threadCpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  const list = await timed(() => leadzen.leads.list({ status: 'new', limit: 50 }));
  await leadzen.signOut({ pending: 'discard' });
  return {
    what: `an edit, ${WAITING.toLocaleString('en')} events waiting, p99`,
    value: quantile(wall, 0.99),
    unit: 'ms',
    bar: 10,
    goal: 5,
    note: `median ${quantile(wall, 0.5).toFixed(2)} ms; ${quantile(cpu, 0.99).toFixed(2)} ms of processor time at the 99th; a list of 50 among them ${list.toFixed(0)} ms`,
  };
};

/** From the first request to "up to date", the server on the same machine. */
const syncRows = async (baseUrl: string): Promise<SdkRow[]> => {
  const phone = await signedIn(baseUrl);
  await createLeads(phone.leadzen, PENDING);
  const push = await timed(() => phone.leadzen.sync());
  const other = phoneOn(baseUrl);
  await other.leadzen.signIn({ email: 'ada@bench.example', password: 'a long pass phrase' });
  const pull = await timed(() => other.leadzen.sync());
  await other.leadzen.close();
  const again = other.restart();
  const boot = await timed(() => again.leadzen.leads.list({ limit: 50 }));
  const count = `${PENDING.toLocaleString('en')} leads`;
  return [
    { what: `sync of ${count} pending`, value: push, unit: 'ms', note: 'pushed, acknowledged, pulled back, removed' },
    { what: `first sync of ${count}`, value: pull, unit: 'ms', note: 'in pages of 128 KiB, sealed and kept' },
    { what: `start to first list, ${count}`, value: boot, unit: 'ms', note: 'the whole SDK, over a storage in memory' },
  ];
};

/** The whole SDK against a server as `npm start` runs it. */
export const clientRows = async (): Promise<SdkRow[]> => {
  await using server = await startBenchServer();
  const baseUrl = `http://127.0.0.1:${server.port}`;
  return [await editRow(baseUrl), ...(await syncRows(baseUrl))];
};
