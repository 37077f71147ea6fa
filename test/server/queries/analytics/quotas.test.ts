import { expect, test } from 'vitest';
import { covering, type Quota } from '../../../../src/server/queries/analytics/quotas.ts';

const quota = (start: string, end: string): Quota => ({
  ownerId: null,
  teamId: null,
  homeId: null,
  start: `2026-${start}`,
  end: `2026-${end}`,
  amountMinor: 1,
  currency: 'USD',
});
const [q1, jan, feb, mar] = [
  quota('01-01', '04-01'),
  quota('01-01', '02-01'),
  quota('02-01', '03-01'),
  quota('03-01', '04-01'),
] as const;
const covers = (...quotas: readonly Quota[]) => covering(quotas, '2026-01-01', '2026-04-01');

test('a quota of just the period counts, whatever shorter ones are there too', () => {
  expect(covers(jan, feb, mar, q1)).toEqual([q1]);
});

test('shorter ones count together where they follow each other without a gap', () => {
  expect(covers(mar, jan, feb)).toEqual([jan, feb, mar]);
  expect(covers(jan, mar)).toBeUndefined();
  expect(covers(jan, quota('02-02', '04-01'))).toBeUndefined();
});

test('no day counts twice, and a longer one that leads nowhere gives way', () => {
  const long = quota('01-01', '03-15');
  expect(covers(long, jan, feb, mar)).toEqual([jan, feb, mar]);
  expect(covers(quota('01-01', '03-01'), feb)).toBeUndefined();
  expect(covers(quota('01-01', '05-01'))).toBeUndefined();
});

test('many that lead nowhere are looked at once each', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString().slice(5, 10);
  const all = Array.from({ length: 40 }, (_, a) =>
    Array.from({ length: 40 }, (__, b) => quota(day(a + 1), day(b + 1))).filter(({ start, end }) => start < end),
  ).flat();
  expect(covers(...all)).toBeUndefined();
});
