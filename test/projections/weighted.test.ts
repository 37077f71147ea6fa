import { expect, it } from 'vitest';
import { weightedMinor } from '../../projections/weighted.ts';

it.each([
  [12_345, 1000, '1234.5000'],
  [1, 1, '0.0001'],
  [0, 10_000, '0.0000'],
  [99, 10_000, '99.0000'],
  [Number.MAX_SAFE_INTEGER, 9999, '9006298534815516.9009'],
])('weighs %i minor units at %i basis points as exactly %s', (amount, probability, weighted) => {
  expect(weightedMinor(amount, probability)).toBe(weighted);
});

it('weighs nothing where there is no amount', () => {
  expect(weightedMinor(null, 5000)).toBeNull();
});
