import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { clockTime, formatClock } from '../../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import type { JsonObject } from '../../../src/shared/base/json.ts';
import type { RegisterClocks } from '../../../src/shared/contract/envelope.ts';
import type { EventType } from '../../../src/shared/contract/events/registry.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';
import { readStreams } from '../../../src/server/log/read-streams.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { foundWorkspace, proposed, type Bench } from '../../support/workspace.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

let db: TestDatabase;
let bench: Bench;
let lead: Uuid;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());
/** A lead of long ago, so that every change is newer than its creation. */
beforeEach(async () => {
  bench = await foundWorkspace(db.database);
  lead = uuidv7();
  const { principal, push: server } = bench;
  const at = formatClock({ time: Date.now() - 60 * YEAR, counter: 0, device: principal.deviceId });
  await server.events(principal, [{ ...proposed(principal, 'LeadCreated', lead, { name: 'Ada' }), at }]);
});
afterEach(() => void vi.useRealTimers());

/** A device that is `offset` milliseconds off and keeps its hybrid clock as clients must: never backwards. */
const deviceOff = (offset: number) => {
  const device = uuidv7();
  let last = { time: -Infinity, counter: 0 };
  let off = offset;
  return {
    device,
    jump: (by: number) => void (off += by),
    event: (type: EventType, data: JsonObject) => {
      const time = Date.now() + off;
      last = time > last.time ? { time, counter: 0 } : { time: last.time, counter: last.counter + 1 };
      return { ...proposed({ deviceId: device }, type, lead, data), basedOn: 1, at: formatClock({ ...last, device }) };
    },
  };
};

const push = async (...events: readonly unknown[]): Promise<readonly PushResult[]> =>
  (await bench.push.events(bench.principal, events)).results;
const rename = (device: ReturnType<typeof deviceOff>, name: string) => device.event('LeadDetailsChanged', { name });

const stored = async (): Promise<{ readonly state: JsonObject; readonly clocks: RegisterClocks }> => {
  const { workspaceId } = bench.principal;
  const [found] = await readStreams(db.database.log, workspaceId, [lead]);
  if (found === undefined) throw new Error('the lead is gone');
  return found;
};
const clockOf = (result: PushResult | undefined): string =>
  result !== undefined && 'clock' in result ? result.clock : '';

describe('a device whose clock is ahead', () => {
  test.each([
    ['two minutes', 120 * SECOND],
    ['a time zone', 9 * HOUR],
    ['ten years', 10 * YEAR],
    ['as far as dates are written', Date.parse('9998-01-01T00:00:00Z') - Date.now()],
  ])('by %s is taken, but counts as a minute ahead', async (_what, offset) => {
    const before = Date.now();
    const event = rename(deviceOff(offset), 'Early');
    const [result] = await push(event);
    expect(result).toMatchObject({ status: 'accepted' });
    const time = Date.parse(clockTime(clockOf(result)));
    expect(time).toBeGreaterThanOrEqual(before + 60 * SECOND);
    expect(time).toBeLessThanOrEqual(Date.now() + 60 * SECOND);
    const { rows } = await db.database.owner.query('select at, clock from event where event_id = $1', [event.id]);
    expect(rows).toEqual([{ at: event.at, clock: clockOf(result) }]);
  });

  test('by less than a minute keeps its clock', async () => {
    const event = rename(deviceOff(30 * SECOND), 'Early');
    expect(clockOf((await push(event))[0])).toBe(event.at);
  });

  test('does not win for ever: a change two minutes later is newer', async () => {
    await push(rename(deviceOff(10 * YEAR), 'Early'));
    const [meanwhile] = await push(rename(deviceOff(0), 'Meanwhile'));
    expect(meanwhile).toMatchObject({ status: 'merged', superseded: ['name'] });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120 * SECOND });
    expect((await push(rename(deviceOff(0), 'Later')))[0]).toMatchObject({ status: 'accepted' });
    expect((await stored()).state['name']).toBe('Later');
  });

  test('keeps the order of its own changes, in one request and over several', async () => {
    const early = deviceOff(10 * YEAR);
    const results = [
      ...(await push(rename(early, '1'), rename(early, '2'), rename(early, '3'))),
      ...(await push(rename(early, '4'))),
      ...(await push(rename(early, '5'), rename(early, '6'))),
    ];
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'accepted'));
    expect((await stored()).state['name']).toBe('6');
    const clocks = results.map(clockOf);
    expect(clocks).toEqual(clocks.toSorted());
    expect(new Set(clocks).size).toBe(clocks.length);
  });

  test('keeps that order also where its changes touch different fields', async () => {
    const early = deviceOff(10 * YEAR);
    const [one, two] = await push(
      early.event('LeadDetailsChanged', { name: 'Ada', title: 'Ms' }),
      early.event('LeadDetailsChanged', { title: 'Dr' }),
    );
    expect(clockOf(one) < clockOf(two)).toBe(true);
    expect((await stored()).state).toMatchObject({ title: 'Dr' });
  });

  test('and corrected in mid-session goes on after what it wrote before', async () => {
    const device = deviceOff(3 * HOUR);
    await push(rename(device, 'Early'));
    device.jump(-3 * HOUR);
    expect((await push(rename(device, 'Corrected')))[0]).toMatchObject({ status: 'accepted' });
    expect((await stored()).state['name']).toBe('Corrected');
  });
});

describe('a device whose clock is behind', () => {
  test.each([
    ['a second', SECOND],
    ['a time zone', 11 * HOUR],
    ['fifty years', 50 * YEAR],
  ])('by %s is taken and loses only where somebody else was there later', async (_what, offset) => {
    await push(rename(deviceOff(0), 'Countess'));
    const late = deviceOff(-offset);
    const [result] = await push(late.event('LeadDetailsChanged', { name: 'Late', title: 'Dr' }));
    expect(result).toMatchObject({ status: 'merged', superseded: ['name'] });
    expect((await stored()).state).toMatchObject({ name: 'Countess', title: 'Dr' });
  });

  test('that has jumped back in mid-session keeps the order of its own changes', async () => {
    const device = deviceOff(0);
    await push(rename(device, 'Before'));
    device.jump(-2 * HOUR);
    const results = await push(rename(device, 'After'), rename(device, 'And after'));
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    expect((await stored()).state['name']).toBe('And after');
  });

  test('is not believed about when things happened either: nothing occurs before its record or after its reception', async () => {
    const [deleted] = await push(deviceOff(-70 * YEAR).event('LeadDeleted', {}));
    expect(deleted).toMatchObject({ status: 'merged' });
    const { rows } = await db.database.owner.query(
      `select data->>'deletedAt' >= (select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from stream
                                     where workspace_id = $1 and stream_id = $2) as after
         from event where workspace_id = $1 and type = 'LeadDeleted'`,
      [bench.principal.workspaceId, lead],
    );
    expect(rows).toEqual([{ after: true }]);
  });
});

describe('events that the server makes', () => {
  test('take a clock after the newest one in the stream, a minute ahead as that may be', async () => {
    await push(rename(deviceOff(10 * YEAR), 'Early'));
    const owner = { ownerId: bench.principal.userId };
    await push(deviceOff(0).event('LeadAssigned', { ownerId: null }));
    const { clocks } = await stored();
    const [result] = await push(deviceOff(0).event('LeadAssigned', owner));
    expect(result).toMatchObject({ status: 'conflict', register: 'ownership' });
    const { rows } = await db.database.owner.query<{ at: string }>(
      `select at from event where workspace_id = $1 and type = 'ConflictRaised'`,
      [bench.principal.workspaceId],
    );
    const newest = Object.values(clocks)
      .map(({ clock }) => clock)
      .toSorted()
      .at(-1);
    expect(rows.map(({ at }) => at > (newest ?? ''))).toEqual([true]);
  });
});
