import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVER_DEVICE, type Uuid } from '../../../src/shared/base/ids.ts';
import type { JsonObject } from '../../../src/shared/base/json.ts';
import type { EventType } from '../../../src/shared/contract/events/registry.ts';
import type { Push } from '../../../src/server/sync/push.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { watchedPool } from '../../support/watched-pool.ts';
import { foundWorkspace, newPush, proposed, statuses, type Bench } from '../../support/workspace.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

/** A workspace whose base currency is the dollar. */
const open = async () => {
  const b = await foundWorkspace(db.database);
  const put = async (...events: [EventType, Uuid, JsonObject][]): Promise<void> => {
    const { results } = await b.push.events(
      b.principal,
      events.map(([type, id, data]) => ({ ...proposed(b.principal, type, id, data), basedOn: 1 })),
    );
    expect(new Set(statuses(results))).toEqual(new Set(['accepted']));
  };
  const rate = (base: string, quote: string, price: string, asOf: string) =>
    put(['ExchangeRateRecorded', uuidv7(), { base, quote, rate: price, asOf }]);
  const deal = async (amountMinor: number, currency: string): Promise<Uuid> => {
    const id = uuidv7();
    await put(['DealCreated', id, { name: 'A deal', amountMinor, currency }]);
    return id;
  };
  const frozen = async (id: Uuid) => frozenOf(b, id);
  const won = async (amountMinor: number, currency: string, closedAt?: string) => {
    const id = await deal(amountMinor, currency);
    await put(['DealWon', id, closedAt === undefined ? {} : { closedAt }]);
    return frozen(id);
  };
  return { ...b, put, rate, deal, won, frozen };
};

const frozenOf = async ({ principal }: Bench, id: Uuid) => {
  const { rows } = await db.database.log
    .for(principal.workspaceId)
    .query<{ data: string }>(
      `select data from event where workspace_id = $1 and stream_id = $2 and type in ('DealWon', 'DealLost') order by version desc limit 1`,
      [principal.workspaceId, id],
    );
  const { baseCurrency, baseAmountMinor, fxRate, fxAsOf } = JSON.parse(rows[0]?.data ?? '{}') as JsonObject;
  return [baseCurrency, baseAmountMinor, fxRate, fxAsOf];
};

describe('a closing freezes', () => {
  test('the amount itself in the base currency, without any rate', async () => {
    const s = await open();
    expect(await s.won(12_345, 'USD')).toEqual(['USD', 12_345, null, null]);
  });

  test('nothing where no rate is known, or no amount', async () => {
    const s = await open();
    await s.rate('GBP', 'USD', '1.25', '2026-01-01');
    expect(await s.won(12_345, 'EUR')).toEqual(['USD', null, null, null]);
    const id = uuidv7();
    await s.put(['DealCreated', id, { name: 'Nothing said' }], ['DealLost', id, { reason: 'price' }]);
    expect(await s.frozen(id)).toEqual(['USD', null, null, null]);
  });

  test('the newest rate that is not later than the day of the closing', async () => {
    const s = await open();
    await s.rate('EUR', 'USD', '1.30', '2099-01-01');
    await s.rate('EUR', 'USD', '1.20', '2026-03-31');
    await s.rate('EUR', 'USD', '1.10', '2026-01-01');
    expect(await s.won(10_000, 'EUR')).toEqual(['USD', 12_000, '1.20', '2026-03-31']);
    expect(await s.won(10_000, 'EUR', '2026-03-30T23:59:59Z')).toEqual(['USD', 11_000, '1.10', '2026-01-01']);
    expect(await s.won(10_000, 'EUR', '2025-12-31T12:00:00Z')).toEqual(['USD', null, null, null]);
  });

  test('by the day of the workspace’s time zone', async () => {
    const s = await open();
    await s.put(['WorkspaceSettingsChanged', s.principal.workspaceId, { timeZone: 'Asia/Tokyo' }]);
    await s.rate('EUR', 'USD', '1.10', '2026-01-01');
    await s.rate('EUR', 'USD', '1.20', '2026-04-01');
    expect(await s.won(10_000, 'EUR', '2026-03-31T14:59:59Z')).toEqual(['USD', 11_000, '1.10', '2026-01-01']);
    expect(await s.won(10_000, 'EUR', '2026-03-31T15:00:00Z')).toEqual(['USD', 12_000, '1.20', '2026-04-01']);
  });

  test('a correction of a day’s rate, if it was recorded before', async () => {
    const s = await open();
    await s.rate('EUR', 'USD', '1.10', '2026-01-01');
    expect(await s.won(10_000, 'EUR')).toMatchObject({ 1: 11_000 });
    await s.rate('EUR', 'USD', '1.15', '2026-01-01');
    expect(await s.won(10_000, 'EUR')).toMatchObject({ 1: 11_500 });
  });

  test('the inverse of a pair as well as the pair, whichever day is later', async () => {
    const s = await open();
    await s.rate('USD', 'JPY', '150', '2026-01-01');
    expect(await s.won(150_001, 'JPY')).toEqual(['USD', 100_001, '0.00666666666667', '2026-01-01']);
    await s.rate('JPY', 'USD', '0.007', '2026-02-01');
    expect(await s.won(100_000, 'JPY')).toEqual(['USD', 70_000, '0.007', '2026-02-01']);
    await s.rate('USD', 'JPY', '160', '2026-03-01');
    expect(await s.won(160, 'JPY')).toMatchObject({ 1: 100, 3: '2026-03-01' });
  });

  test('what later rates, changes of the base currency and reopenings do not touch', async () => {
    const s = await open();
    await s.rate('EUR', 'USD', '1.10', '2026-01-01');
    const deal = await s.deal(10_000, 'EUR');
    await s.put(['DealLost', deal, { reason: 'price' }]);
    await s.rate('EUR', 'USD', '1.50', '2026-01-01');
    await s.put(['WorkspaceSettingsChanged', s.principal.workspaceId, { baseCurrency: 'EUR' }]);
    expect(await s.frozen(deal)).toEqual(['USD', 11_000, '1.10', '2026-01-01']);
    await s.put(['DealReopened', deal, { stageId: s.stages['Qualification'] ?? '' }], ['DealWon', deal, {}]);
    expect(await s.frozen(deal)).toEqual(['EUR', 10_000, null, null]);
  });

  test('a rate of the same request', async () => {
    const s = await open();
    const id = uuidv7();
    await s.put(
      ['DealCreated', id, { name: 'A deal', amountMinor: 10_000, currency: 'EUR' }],
      ['ExchangeRateRecorded', uuidv7(), { base: 'EUR', quote: 'USD', rate: '1.10', asOf: '2026-01-01' }],
      ['DealWon', id, {}],
    );
    expect(await s.frozen(id)).toMatchObject({ 1: 11_000 });
  });

  test('a rate that another server recorded while the closing was decided', async () => {
    const s = await open();
    const deal = await s.deal(10_000, 'EUR');
    const other = newPush(db.database.log);
    const rate = proposed(s.principal, 'ExchangeRateRecorded', uuidv7(), {
      base: 'EUR',
      quote: 'USD',
      rate: '1.10',
      asOf: '2026-01-01',
    });
    let told = false;
    const slow: Push = newPush(
      watchedPool(db.database.log, async (run, { text }) => {
        if (!told && text.includes('append_events')) {
          told = true;
          expect(statuses((await other.events(s.principal, [rate])).results)).toEqual(['accepted']);
        }
        return run();
      }),
    );
    const win = { ...proposed(s.principal, 'DealWon', deal, {}), basedOn: 1 };
    expect(statuses((await slow.events(s.principal, [win])).results)).toEqual(['accepted']);
    expect(told).toBe(true);
    expect(await s.frozen(deal)).toMatchObject({ 1: 11_000 });
  });
});

test('nobody else says what an amount is worth', async () => {
  const s = await open();
  const deal = await s.deal(10_000, 'EUR');
  for (const principal of [s.principal, { ...s.principal, deviceId: SERVER_DEVICE }]) {
    const win = { ...proposed(principal, 'DealWon', deal, { baseAmountMinor: 1 }), basedOn: 1 };
    expect(statuses((await s.push.events(principal, [win])).results)).toEqual(['invalid']);
  }
});
