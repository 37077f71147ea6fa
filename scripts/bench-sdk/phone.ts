import { v7 as uuidv7 } from 'uuid';
import type { OutboxUnit } from '../../src/client/storage/client-store.ts';
import { openClientStore } from '../../src/client/storage/open-client-store.ts';
import type { Machine } from '../../test/support/storages/machine.ts';
import { nativeVaults } from '../../test/support/storages/vaults.ts';

const OWNER = { workspaceId: uuidv7(), userId: uuidv7() };
const DEVICE = uuidv7();
const CLOCK = `2026-11-22T10:00:00.000Z-0001-${DEVICE}`;

/** A lead as it is cached: what a person would have typed, and the clocks of its registers. */
export interface BenchLead {
  readonly id: string;
  readonly type: 'lead';
  readonly version: number;
  readonly state: object;
  readonly clocks: object;
}

export const benchLead = (n: number): BenchLead => ({
  id: uuidv7(),
  type: 'lead',
  version: 3,
  state: {
    name: `Lead ${n} ${Math.random().toString(36).slice(2)}`,
    companyName: `Company ${n % 900}`,
    title: 'Head of Purchasing',
    emails: [{ value: `lead.${n}@${Math.random().toString(36).slice(2)}.example`, kind: 'work', primary: true }],
    phones: [{ value: `+49 30 ${Math.floor(Math.random() * 1e8)}`, kind: 'mobile' }],
    source: 'referral',
    status: 'contacted',
    priority: 'normal',
    ownerId: uuidv7(),
    teamId: uuidv7(),
  },
  clocks: {
    '*': { clock: CLOCK, version: 1 },
    status: { clock: CLOCK, version: 2 },
    phones: { clock: CLOCK, version: 3 },
  },
});

export const benchUnit = (seq: number): OutboxUnit => ({
  seq,
  events: [
    {
      id: uuidv7(),
      type: 'LeadDetailsChanged',
      schemaVersion: 1,
      stream: { type: 'lead', id: uuidv7() },
      basedOn: 3,
      at: CLOCK,
      data: { phones: [{ value: `+49 30 ${seq}`, kind: 'mobile', primary: true }] },
    },
  ],
});

const vaults = nativeVaults(OWNER);

/** A new process of the app on that machine, everything sealed by XChaCha20-Poly1305 in JavaScript. */
export const startApp = async (machine: Machine) => {
  const store = openClientStore<BenchLead>({
    storage: await machine.start(),
    platform: machine.platform,
    owner: OWNER,
    vault: await vaults(),
  });
  const from = performance.now();
  const boot = await store.boot();
  return { store, boot, bootMs: performance.now() - from };
};

/** The first sync of so many leads, in pages like the server's. */
export const cacheLeads = async (machine: Machine, count: number): Promise<void> => {
  const { store } = await startApp(machine);
  const LEADS_A_PAGE = 150;
  for (let done = 0; done < count; done += LEADS_A_PAGE) {
    const puts = Array.from({ length: Math.min(LEADS_A_PAGE, count - done) }, (_, i) => benchLead(done + i));
    await store.applyPage({ puts, removes: [], meta: { cursor: `cursor-${done}`, through: done } });
  }
  await store.close();
};

export const keepUnits = async (machine: Machine, count: number): Promise<void> => {
  const { store } = await startApp(machine);
  await Promise.all(Array.from({ length: count }, (_, i) => store.append(benchUnit(i + 1))));
};
