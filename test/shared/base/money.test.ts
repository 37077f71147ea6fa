import fc from 'fast-check';
import { expect, test } from 'vitest';
import { currencyExponent, isCurrency, sumOfLines } from '../../../src/shared/base/money.ts';

test.each([
  ['EUR', 2],
  ['JPY', 0],
  ['BHD', 3],
  ['CLF', 4],
])('%s has %i decimal places', (code, exponent) => {
  expect(currencyExponent(code)).toBe(exponent);
});

test.each(['EUX', 'eur', '', 'EURO', 'toString', 'XXX'])('%j is no currency', (code) => {
  expect(isCurrency(code)).toBe(false);
});

test('each line is rounded once, half up', () => {
  expect(sumOfLines([{ quantity: 1, unitMinor: 5, discountBp: 5000 }])).toBe(3);
  expect(sumOfLines([{ quantity: 3, unitMinor: 333, discountBp: 1000 }])).toBe(899);
  const halves = [1, 1, 1].map((quantity) => ({ quantity, unitMinor: 1, discountBp: 5000 }));
  expect(sumOfLines(halves)).toBe(3);
});

test('without discounts the sum is exact to the last minor unit', () => {
  const line = fc.record({
    quantity: fc.integer({ min: 1, max: 1_000_000 }),
    unitMinor: fc.integer({ min: 0, max: 100_000_000 }),
    discountBp: fc.constant(0),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const exact = lines.reduce((sum, { quantity, unitMinor }) => sum + BigInt(quantity) * BigInt(unitMinor), 0n);
      expect(BigInt(sumOfLines(lines) ?? -1)).toBe(exact);
    }),
  );
});

test('a sum beyond the safe integers is none', () => {
  const line = { quantity: 1, unitMinor: Number.MAX_SAFE_INTEGER, discountBp: 0 };
  expect(sumOfLines([line])).toBe(Number.MAX_SAFE_INTEGER);
  expect(sumOfLines([line, { quantity: 1, unitMinor: 1, discountBp: 0 }])).toBeUndefined();
});
