import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatClock } from '../../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import type { JsonObject } from '../../../src/shared/base/json.ts';
import { definitionOf, type EventType } from '../../../src/shared/contract/events/registry.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';
import { foldStream } from '../../../src/shared/domain/merge.ts';
import { readStreams } from '../../../src/server/log/read-streams.ts';
import { streamEvents } from '../../../src/server/log/stream-events.ts';
import type { Push } from '../../../src/server/sync/push.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { foundWorkspace, newPush, type Bench } from '../../support/workspace.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_125);

let db: TestDatabase;
let servers: readonly Push[];
beforeAll(async () => {
  db = await openTestDatabase();
  servers = [newPush(db.database.log), newPush(db.database.log)];
});
afterAll(() => db[Symbol.asyncDispose]());

/** What somebody does on a phone: to one of three deals, seen `behind` versions ago, by a clock that is `off`. */
interface Edit {
  readonly device: number;
  readonly server: number;
  readonly deal: number;
  readonly what: number;
  readonly value: number;
  readonly behind: number;
  readonly off: number;
}

const HOUR = 3_600_000;
const edit = fc.record<Edit>({
  device: fc.nat({ max: 5 }),
  server: fc.nat({ max: 1 }),
  deal: fc.nat({ max: 2 }),
  what: fc.nat({ max: 9 }),
  value: fc.nat({ max: 3 }),
  behind: fc.nat({ max: 4 }),
  off: fc.constantFrom(0, 0, -1000, -5 * HOUR, 5 * HOUR, 90_000_000_000, -900_000_000_000),
});
/** Waves of edits; those of a wave are pushed at once, through two servers. */
const history = fc.record({
  devices: fc.integer({ min: 2, max: 6 }),
  waves: fc.array(fc.array(edit, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
});

interface World {
  readonly bench: Bench;
  readonly devices: readonly Uuid[];
  readonly deals: readonly Uuid[];
  /** What phones have learned of open conflicts, by deal. */
  readonly conflicts: Map<Uuid, Uuid>;
}

const dataOf = ({ what, value }: Edit, deal: Uuid, { bench, conflicts }: World): [EventType, JsonObject] => {
  const stageIds = Object.values(bench.stages);
  const conflictId = conflicts.get(deal) ?? deal;
  const choices: readonly [EventType, JsonObject][] = [
    ['DealDetailsChanged', { name: `Engine ${value}` }],
    ['DealDetailsChanged', { source: value === 0 ? null : `Fair ${value}`, customFields: { [`k${value}`]: value } }],
    ['DealAmountChanged', { amountMinor: value * 100 }],
    ['DealStageChanged', { stageId: stageIds[value] ?? '' }],
    ['DealAssigned', { ownerId: value === 0 ? null : bench.principal.userId }],
    ['DealLineItemAdded', { lineItemId: deal.slice(0, -1) + String(value), name: 'Wheel', quantity: 1, unitMinor: 30 }],
    value < 2 ? ['DealWon', {}] : ['DealLost', { reason: `price ${value}` }],
    ['DealReopened', { stageId: stageIds[0] ?? '' }],
    ['ConflictResolved', { conflictId, choice: value === 0 ? 'current' : 'proposed' }],
    ['ConflictResolved', { conflictId, choice: 'custom', value: { amountMinor: value, currency: 'EUR' } }],
  ];
  return choices[what] as [EventType, JsonObject];
};

let last = 0;
const eventOf = (made: Edit, world: World, seen: ReadonlyMap<Uuid, number>) => {
  const deal = world.deals[made.deal] ?? '';
  const device = world.devices[made.device % world.devices.length] ?? '';
  const [type, data] = dataOf(made, deal, world);
  last = Math.max(last + 1, Date.now());
  return {
    id: uuidv7(),
    type,
    schemaVersion: definitionOf(type).schemaVersion,
    stream: { type: 'deal', id: deal },
    basedOn: Math.max(1, (seen.get(deal) ?? 1) - made.behind),
    at: formatClock({ time: last + made.off, counter: 0, device }),
    data,
  };
};

const create = async (devices: number): Promise<World> => {
  const bench = await foundWorkspace(db.database, servers[0]);
  const world = {
    bench,
    devices: Array.from({ length: devices }, () => uuidv7()),
    deals: [1, 2, 3].map((digit) => uuidv7().slice(0, -1) + String(digit)),
    conflicts: new Map<Uuid, Uuid>(),
  };
  const at = formatClock({ time: Date.parse('1990-01-01T00:00:00Z'), counter: 0, device: world.devices[0] ?? '' });
  const created = world.deals.map((id) => ({
    id: uuidv7(),
    type: 'DealCreated',
    schemaVersion: 1,
    stream: { type: 'deal', id },
    basedOn: 0,
    at,
    data: { name: 'Engine', amountMinor: 100, currency: 'EUR', pipelineId: bench.pipelineId },
  }));
  await bench.push.events(bench.principal, created);
  return world;
};

const versionsOf = async ({ bench, deals }: World): Promise<Map<Uuid, number>> => {
  const found = await readStreams(db.database.log, bench.principal.workspaceId, deals);
  return new Map(found.map(({ id, version }) => [id, version]));
};

type Sent = readonly [event: ReturnType<typeof eventOf>, result: PushResult];

const pushWave = async (wave: readonly Edit[], world: World): Promise<Sent[]> => {
  const seen = await versionsOf(world);
  const events = wave.map((made) => ({ made, event: eventOf(made, world, seen) }));
  const sent = await Promise.all(
    events.map(async ({ made, event }): Promise<Sent> => {
      const { results } = await (servers[made.server] as Push).events(world.bench.principal, [event]);
      return [event, results[0] as PushResult];
    }),
  );
  for (const [event, result] of sent)
    if (result.status === 'conflict' && 'conflictId' in result) world.conflicts.set(event.stream.id, result.conflictId);
  return sent;
};

/** The stored state of every deal is the fold of its log, register clocks and open conflicts included. */
const expectFolds = async ({ bench, deals }: World): Promise<void> => {
  const { workspaceId } = bench.principal;
  const found = await readStreams(db.database.log, workspaceId, deals);
  expect(found).toHaveLength(deals.length);
  for (const { id, state, clocks, version } of found) {
    const events = await streamEvents(db.database.log.for(workspaceId), workspaceId, { type: 'deal', id }, {});
    expect(foldStream(events)).toEqual({ state, clocks, version });
  }
};

/** A repetition through the other server is answered with the whole first result, and changes nothing. */
const expectRepeats = async (sent: readonly Sent[], { bench }: World): Promise<void> => {
  const events = sent.map(([event]) => event);
  const { results, head } = await (servers[1] as Push).events(bench.principal, events);
  const { rows } = await db.database.owner.query('select count(*)::int as count from event where workspace_id = $1', [
    bench.principal.workspaceId,
  ]);
  expect(rows).toEqual([{ count: head }]);
  for (const [index, [, first]] of sent.entries()) {
    const again = results[index];
    if (first.status === 'rejected' && again?.status === 'rejected') expect(again.code).toBe(first.code);
    else expect(again).toEqual({ ...first, status: 'duplicate', of: first.status });
  }
};

test(
  'whatever devices push at once, over two servers and by whatever clocks, every deal is the fold of its log',
  { timeout: 120_000 },
  async () => {
    const statuses: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(history, async ({ devices, waves }) => {
        const world = await create(devices);
        const sent: Sent[] = [];
        for (const wave of waves) sent.push(...(await pushWave(wave, world)));
        for (const [, { status }] of sent) statuses[status] = (statuses[status] ?? 0) + 1;
        await expectFolds(world);
        await expectRepeats(sent, world);
        await expectFolds(world);
      }),
      { seed: SEED, numRuns: 40 },
    );
    // Where hardly anything merges or conflicts, the property says little.
    expect(
      Math.min(...['accepted', 'merged', 'conflict', 'rejected'].map((status) => statuses[status] ?? 0)),
    ).toBeGreaterThan(5);
  },
);

test('plain fields end the same in whatever order the devices reach the server', { timeout: 60_000 }, async () => {
  const plain = fc.record({
    device: fc.nat({ max: 3 }),
    what: fc.nat({ max: 1 }),
    value: fc.nat({ max: 3 }),
    off: fc.constantFrom(0, -1000, -5 * HOUR),
  });
  const orders = fc
    .array(plain, { minLength: 2, maxLength: 10 })
    .chain((edits) =>
      fc.tuple(fc.constant(edits), fc.shuffledSubarray([...edits.keys()], { minLength: edits.length })),
    );
  await fc.assert(
    fc.asyncProperty(orders, async ([edits, order]) => {
      const world = await create(4);
      const made = { server: 0, deal: 0, behind: 0 };
      const events = edits.map((one) => eventOf({ ...made, ...one }, world, new Map()));
      const ends: JsonObject[] = [];
      for (const arrival of [[...events.keys()], order]) {
        // The same edits of another deal: ids and stream differ, clocks and data do not.
        const deal = world.deals[ends.length] ?? '';
        for (const index of arrival) {
          const event = {
            ...(events[index] as (typeof events)[number]),
            id: uuidv7(),
            stream: { type: 'deal', id: deal },
          };
          await world.bench.push.events(world.bench.principal, [event]);
        }
        const [found] = await readStreams(db.database.log, world.bench.principal.workspaceId, [deal]);
        ends.push(found?.state ?? {});
      }
      expect(ends[1]).toEqual(ends[0]);
    }),
    { seed: SEED, numRuns: 25 },
  );
});
