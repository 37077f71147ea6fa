import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LeadZen } from '../../src/client/api.ts';
import type { FetchPort } from '../../src/client/ports.ts';
import { Refusal } from '../../src/client/refusal.ts';
import { newcomer, openTestApp, type TestApp } from '../support/app.ts';
import { Died, networkTo, phoneOn, type Phone } from '../support/app-phone.ts';

const SEED = 20_261_125;
const RUNS = 6;
const ROUNDS = 14;

interface Faults {
  lost: number;
  doubled: number;
  cut: number;
  crashed: number;
  conflicts: number;
  refused: number;
  refusedAtOnce: number;
}

interface Newcomer {
  readonly workspaceName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Loses answers, sends requests twice, and is cut off for a while, as the generator says. */
const faulty = (fetch: FetchPort, pick: (max: number) => number, seen: Faults, isCalm: () => boolean): FetchPort => {
  return async (url, init) => {
    const fault = isCalm() || !url.endsWith('/api/sync') ? 9 : pick(8);
    if (fault === 0) {
      seen.cut += 1;
      throw new TypeError('network request failed');
    }
    if (fault === 1) {
      seen.doubled += 1;
      const [answer] = await Promise.all([fetch(url, init), fetch(url, init)]);
      return answer;
    }
    const answer = await fetch(url, init);
    if (fault === 2) {
      seen.lost += 1;
      throw new TypeError('network request failed');
    }
    return answer;
  };
};

/** What somebody does on a phone; a rule's no is part of life. */
const act = async (leadzen: LeadZen, pick: (max: number) => number): Promise<unknown> => {
  const { leads, deals, companies, contacts, activities, pipelines } = leadzen;
  const [conflict] = await leadzen.conflicts.list();
  if (conflict !== undefined && pick(3) === 0) {
    return leadzen.conflicts.resolve(conflict.id, pick(2) === 0 ? 'current' : 'proposed');
  }
  const known = (await leads.list({ deleted: 'any', limit: 1000 })).items;
  const known2 = (await deals.list({ deleted: 'any', limit: 1000 })).items;
  const lead = known[pick(Math.max(1, known.length))];
  const deal = known2[pick(Math.max(1, known2.length))];
  const choice = pick(16);
  if (choice < 2 || lead === undefined)
    return leads.create({ name: `Lead ${pick(1000)}`, customFields: { a: pick(9) } });
  if (choice < 4 || deal === undefined)
    return deals.create({ name: `Deal ${pick(1000)}`, amountMinor: pick(1000), currency: 'EUR' });
  if (choice < 6)
    return leads.update(lead.id, { title: `Title ${pick(100)}`, customFields: { [`key${pick(3)}`]: pick(100) } });
  if (choice < 7) return leads.update(lead.id, { status: 'contacted', score: pick(100), note: 'n' });
  if (choice < 8) return pick(2) === 0 ? leads.delete(lead.id) : leads.restore(lead.id);
  if (choice < 9) return leads.convert(lead.id, { deal: { name: `From ${pick(100)}` } });
  if (choice < 10) return deals.addLineItem(deal.id, { name: 'Line', quantity: 1 + pick(3), unitMinor: pick(100) });
  if (choice < 11) return activities.addNote({ about: { type: 'deal', id: deal.id }, body: `Note ${pick(100)}` });
  if (choice < 12) return companies.create({ name: `Company ${pick(100)}` });
  if (choice < 13) return contacts.create({ name: `Contact ${pick(100)}` });
  if (choice < 14) return pick(2) === 0 ? deals.win(deal.id) : deals.lose(deal.id, { reason: 'price' });
  if (choice < 15) return deals.update(deal.id, { amountMinor: pick(1000) });
  const stages = (await pipelines.list()).items[0]?.stages ?? [];
  return deals.changeStage(deal.id, stages[pick(4)]?.id ?? '');
};

const everything = async (leadzen: LeadZen) => {
  const lists = await Promise.all(
    ([leadzen.leads, leadzen.deals, leadzen.contacts, leadzen.companies, leadzen.activities] as const).map((resource) =>
      resource.list({ deleted: 'any', limit: 1000, sort: 'createdAt' }),
    ),
  );
  return lists
    .flatMap(({ items }) => items as readonly { readonly id: string }[])
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
};

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Positions by event id: every event that the log holds. */
const readLog = async (workspaceId: string): Promise<Set<string>> => {
  const { rows } = await server.test.database.owner.query<{ id: string }>(
    'select event_id as id from event where workspace_id = $1',
    [workspaceId],
  );
  return new Set(rows.map(({ id }) => id));
};

interface World {
  readonly pick: (max: number) => number;
  readonly faults: Faults;
}

/** An edit, and the record that is promised once it resolves. A rule's no is part of life, and so is death in the middle. */
const edit = async ({ leadzen }: Phone, { pick, faults }: World, promised: Set<string>): Promise<void> => {
  try {
    const record = (await act(leadzen, pick)) as { readonly id?: string } | undefined;
    if (record?.id !== undefined) promised.add(record.id);
  } catch (error) {
    if (error instanceof Refusal) faults.refusedAtOnce += 1;
    else if (!(error instanceof Died)) throw error;
  }
};

/** Hours, years and time zones off, behind and ahead. */
const SKEWS = [0, 3_600_000, -7_200_000, 63_072_000_000, -63_072_000_000, 86_400_000];

const openPhones = async ({ pick, faults }: World, isCalm: () => boolean): Promise<Phone[]> => {
  const ada = newcomer() as Newcomer;
  const phones: Phone[] = [];
  for (let count = 2 + pick(5); count > 0; count -= 1) {
    const skew = SKEWS[pick(SKEWS.length)] ?? 0;
    let jump = 0;
    const now = (): number => Date.now() + skew + (pick(50) === 0 ? (jump = -pick(10_000_000)) : jump);
    const phone = phoneOn(faulty(networkTo(server.app), pick, faults, isCalm), { now });
    phones.push(phone);
    if (phones.length === 1) await phone.leadzen.signUp(ada);
    else await phone.leadzen.signIn({ email: ada.email, password: ada.password });
  }
  const fresh = phoneOn(networkTo(server.app));
  await fresh.leadzen.signIn({ email: ada.email, password: ada.password });
  return [fresh, ...phones];
};

const round = async (phones: Phone[], world: World, promised: Set<string>): Promise<void> => {
  const { pick, faults } = world;
  await Promise.all(
    phones.map(async (phone, at) => {
      const isDoomed = pick(3) === 0;
      if (isDoomed) phone.life.writesLeft = pick(12);
      for (let edits = pick(4); edits > 0; edits -= 1) await edit(phone, world, promised);
      const report = await (pick(3) > 0 ? phone.leadzen.sync() : undefined)?.catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      faults.conflicts += report?.conflicts ?? 0;
      faults.refused += report?.refused ?? 0;
      if (!isDoomed) return;
      faults.crashed += 1;
      phones[at] = phone.restart();
    }),
  );
};

/** Discards what was refused, so that what waited for it gets its own verdict. Answers the streams. */
const giveUp = async ({ refused }: LeadZen, log: ReadonlySet<string>): Promise<string[]> => {
  const events = await refused.list();
  for (const { id, together } of events) {
    for (const event of together) expect(log.has(event), 'refused and in the log').toBe(false);
    // A group with two culprits is discarded with the first.
    await refused.discard(id).catch((error: unknown) => expect(error).toMatchObject({ code: 'not_found' }));
  }
  return events.map(({ stream }) => stream.id);
};

const live = async (world: World): Promise<void> => {
  let isCalm = true;
  const [fresh, ...phones] = (await openPhones(world, () => isCalm)) as [Phone, ...Phone[]];
  const workspaceId = (await fresh.leadzen.session())?.workspace.id ?? '';
  const promised = new Set<string>();
  isCalm = false;
  for (let at = 0; at < ROUNDS; at += 1) await round(phones, world, promised);
  isCalm = true;
  const there = new Set<string>();
  for (let quiet = 0; quiet < 4; quiet += 1) {
    for (const { leadzen } of phones) {
      await leadzen.sync();
      for (const streamId of await giveUp(leadzen, await readLog(workspaceId))) there.add(streamId);
    }
  }

  expect(await fresh.leadzen.sync()).toMatchObject({ upToDate: true });
  const truth = await everything(fresh.leadzen);
  expect(truth.length).toBeGreaterThan(phones.length);
  for (const { id } of truth) there.add(id);
  for (const { leadzen } of phones) {
    expect(await leadzen.sync()).toMatchObject({ upToDate: true });
    expect(leadzen.syncStatus()).toMatchObject({ pending: 0, upToDate: true });
    expect(await everything(leadzen)).toEqual(truth);
    await leadzen.close();
  }
  for (const id of promised) expect(there.has(id), 'what was promised is somewhere').toBe(true);
};

test('devices converge with the server and each other, whatever happened', { timeout: 120_000 }, async () => {
  const faults: Faults = { lost: 0, doubled: 0, cut: 0, crashed: 0, conflicts: 0, refused: 0, refusedAtOnce: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const seed = SEED + run;
    const [choices] = fc.sample(fc.infiniteStream(fc.nat()), { seed, numRuns: 1 });
    const pick = (max: number): number => (choices?.next().value ?? 0) % max;
    await live({ pick, faults }).catch((error: unknown) => {
      throw new Error(`with the seed ${seed}: ${String(error)}`, { cause: error });
    });
  }
  // A run in which some fault or verdict never occurred proves nothing.
  expect(Math.min(...Object.values(faults)), JSON.stringify(faults)).toBeGreaterThan(0);
});
