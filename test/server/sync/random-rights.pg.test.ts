import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccess } from '../../../src/server/access/access.ts';
import type { Principal } from '../../../src/server/access/principal.ts';
import { createSync, type Sync } from '../../../src/server/sync/sync.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createNaiveClient, type Answer } from '../../support/naive-client.ts';
import { sees, viewOf, type World } from '../../support/naive-world.ts';
import { diceOf, nextStep, randomOf, type Author, type Dice } from '../../support/random-history.ts';
import { cursorKey, foundWorkspace, proposed, type Bench } from '../../support/workspace.ts';

// RIGHTS_SEEDS=<first>-<last> tries others; RIGHTS_STEPS makes the histories longer.
const [FIRST = 1, LAST = 8] = (process.env['RIGHTS_SEEDS'] ?? '').split('-').filter(Boolean).map(Number);
const STEPS = Number(process.env['RIGHTS_STEPS'] ?? 120);
const SEEDS = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

interface Phone {
  readonly principal: Principal;
  client: ReturnType<typeof createNaiveClient>;
}

interface Run {
  readonly b: Bench;
  readonly dice: Dice;
  readonly author: Author;
  readonly clock: { now: number };
  readonly servers: readonly Sync[];
  readonly phones: Phone[];
  /** As they were when the log had that head. */
  readonly worlds: Map<number, World>;
}

const peopleAndTeams = async (b: Bench, world: World): Promise<void> => {
  const users = Array.from({ length: 5 }, () => uuidv7());
  const teams = Array.from({ length: 4 }, () => uuidv7());
  const events = [
    ...users.map((id, n) => proposed(b.principal, 'UserInvited', id, { name: `User ${n}`, role: 'rep' })),
    ...teams.map((id, n) => proposed(b.principal, 'TeamCreated', id, { name: `Team ${n}` })),
  ];
  await b.push.events(b.principal, events);
  for (const id of users) world.people[id] = { role: 'rep', version: 1 };
  for (const id of teams) world.teams[id] = { parentId: null, members: [], deleted: false, version: 1 };
};

const begin = async (seed: number): Promise<Run> => {
  const b = await foundWorkspace(db.database);
  const dice = diceOf(randomOf(seed));
  const clock = { now: Date.parse('2026-11-25T08:00:00Z') };
  const people = { [b.principal.userId]: { role: 'admin' as const, version: 2 } };
  const world: World = { policy: 'everyone', workspaceVersion: 1, people, teams: {}, things: {} };
  await peopleAndTeams(b, world);
  const servers = [0, 1].map(() => {
    const access = createAccess(db.database.log, () => clock.now);
    return createSync({ pool: db.database.log, push: b.push, access, cursorKey });
  });
  const phones = Object.keys(world.people).map((userId): Phone => {
    const principal = { ...b.principal, userId, deviceId: uuidv7() };
    return { principal, client: createNaiveClient() };
  });
  const author = { world, dice, admin: b.principal, now: () => clock.now };
  return { b, dice, author, clock, servers, phones, worlds: new Map() };
};

const write = async ({ b, author, dice, worlds }: Run): Promise<void> => {
  const events = Array.from({ length: 1 + dice.below(4) }, () => nextStep(author)).flat();
  const before = structuredClone(author.world);
  const { results, head } = await b.push.events(b.principal, events);
  for (const result of results) if (result.status !== 'accepted') throw new Error(JSON.stringify(result));
  worlds.set(head, before);
};

const CANARY = /canary\/([0-9a-f-]{36})\/\d+/g;

/** Nobody is sent a row outside their rights, whatever else is wrong: the text itself is searched. */
const scan = ({ worlds, clock }: Run, { principal }: Phone, text: string): Answer => {
  const answer = JSON.parse(text) as Answer;
  const world = worlds.get(answer.head);
  if (world === undefined) throw new Error(`nobody knows the head ${answer.head}`);
  for (const [, id = ''] of text.matchAll(CANARY))
    if (!sees(world, principal.userId, id, clock.now)) throw new Error(`${principal.userId} was sent ${id}`);
  for (const op of answer.ops) {
    if (op.op === 'leave') expect(Object.keys(op)).toEqual(['op', 'scope' in op ? 'scope' : 'stream']);
  }
  return answer;
};

interface Paging {
  readonly limit: number;
  readonly bytes: number;
}

/** @param written a write at the same moment: only behind it is known what its head stands for */
const pull = async (run: Run, phone: Phone, paging?: Paging, written?: Promise<void>): Promise<void> => {
  const { dice, servers } = run;
  const { limit, bytes } = paging ?? {
    limit: dice.of([1, 2, 3, 7, 20, 100]),
    bytes: dice.chance(20) ? 1500 : 1_048_576,
  };
  const request = { protocol: 1 as const, limit, bytes, ...phone.client.request() };
  const mode = dice.chance(15) ? { mode: 'events' as const } : {};
  const text = String(await dice.of(servers).sync(phone.principal, { ...request, ...mode }));
  await written;
  const answer = scan(run, phone, text);
  expect(answer.ops.length).toBeLessThanOrEqual(limit);
  // Lost on the way, now and then.
  if (paging !== undefined || !dice.chance(15)) phone.client.receive(answer);
};

const settle = async (run: Run, phone: Phone): Promise<void> => {
  for (let pages = 0; ; pages += 1) {
    await pull(run, phone, { limit: run.dice.of([5, 50]), bytes: 1_048_576 });
    if (phone.client.upToDate()) return;
    if (pages > 500) throw new Error('a client never comes to rest');
  }
};

const sorted = (view: Map<string, string>): string[] => Array.from(view, (entry) => entry.join(' ')).toSorted();

const compare = async (run: Run): Promise<void> => {
  for (const phone of run.phones) {
    await settle(run, phone);
    const { world } = run.author;
    const expected = viewOf(world, phone.principal.userId, run.clock.now);
    const held = phone.client.view();
    const shown = new Map([...held].filter(([id]) => expected.has(id) || id in world.things));
    expect(sorted(shown), `user ${phone.principal.userId}`).toEqual(sorted(expected));
  }
};

const step = async (run: Run): Promise<void> => {
  const { dice, clock, phones } = run;
  const what = dice.below(100);
  const phone = dice.of(phones);
  if (what < 40) await write(run);
  // At the same moment: the answer is of before or of after, and says which.
  else if (what < 50) {
    const written = write(run);
    await Promise.all([written, pull(run, phone, undefined, written)]);
  } else if (what < 88) await pull(run, phone);
  else if (what < 92) clock.now += dice.below(40_000);
  else if (what < 95) phone.client = createNaiveClient();
  else if (what < 97) await compare(run);
};

describe('whatever happens to users, teams, roles, shares, policies and owners', () => {
  test.each(SEEDS)('every client ends up with what it may see, and is sent nothing else (seed %i)', async (seed) => {
    const run = await begin(seed);
    await write(run);
    for (let n = 0; n < STEPS; n += 1) await step(run);
    await compare(run);
    expect(run.phones.every(({ client }) => client.upToDate())).toBe(true);
  });
});
