import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { converted, fractionOf, NO_AMOUNT, plus, rateFrom, rounded } from '../../../src/shared/base/exchange.ts';

const minor = (amount: number | string) => fractionOf(String(amount));
const euro = { base: 'EUR', quote: 'USD', rate: '1.0825' };

describe('an amount in another currency', () => {
  const JPY = { base: 'USD', quote: 'JPY', rate: '150' };
  const KWD = { base: 'KWD', quote: 'USD', rate: '3.25' };

  test.each([
    { how: 'by the price', amount: 10_000, from: 'EUR', price: euro, worth: 10_825 },
    { how: 'against it', amount: 10_825, from: 'USD', price: euro, worth: 10_000 },
    { how: 'from one without minor digits', amount: 150_000, from: 'JPY', price: JPY, worth: 100_000 },
    { how: 'into one without minor digits', amount: 100_000, from: 'USD', price: JPY, worth: 150_000 },
    { how: 'from one with three', amount: 1500, from: 'KWD', price: KWD, worth: 488 },
    { how: 'into one with three', amount: 325, from: 'USD', price: KWD, worth: 1000 },
    {
      how: 'half a unit up, though the inverse never ends',
      amount: 3,
      from: 'USD',
      price: { ...euro, rate: '1.2' },
      worth: 3,
    },
  ])('is converted $how', ({ amount, from, price, worth }) => {
    expect(rounded(converted(minor(amount), from, price))).toBe(worth);
  });

  test('is rounded once, behind the sum', () => {
    const half = converted(minor(1), 'EUR', { base: 'EUR', quote: 'USD', rate: '0.4' });
    const sum = [half, half, half].reduce(plus, NO_AMOUNT);
    expect(rounded(half)).toBe(0);
    expect(rounded(sum)).toBe(1);
  });

  test('is rounded half away from zero', () => {
    expect([0.5, 1.5, 2.5].map((value) => rounded(minor(value)))).toEqual([1, 2, 3]);
    expect(rounded({ numerator: -5n, denominator: 2n })).toBe(-3);
    expect(Object.is(rounded({ numerator: -1n, denominator: 3n }), 0)).toBe(true);
  });

  test('beyond the safe integers is not given at all', () => {
    expect(rounded(converted(minor(Number.MAX_SAFE_INTEGER), 'EUR', euro))).toBeUndefined();
  });

  test('there and back again is the same, as long as nothing is rounded', () => {
    const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const rate = fc
      .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }))
      .map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`);
    fc.assert(
      fc.property(amount, rate, fc.constantFrom('USD', 'JPY', 'KWD', 'CLF'), (value, text, quote) => {
        const price = { base: 'EUR', quote, rate: text };
        expect(rounded(converted(converted(minor(value), 'EUR', price), quote, price))).toBe(value);
      }),
    );
  });
});

test.each([
  ['EUR', euro, '1.0825'],
  ['USD', euro, '0.923787528868'],
  ['USD', { base: 'EUR', quote: 'USD', rate: '0.8' }, '1.25'],
  ['USD', { base: 'EUR', quote: 'USD', rate: '0.000001' }, '1000000'],
  ['JPY', { base: 'USD', quote: 'JPY', rate: '150' }, '0.00666666666667'],
  ['IDR', { base: 'KWD', quote: 'IDR', rate: '54321.5' }, '0.0000184089172795'],
])('one %s is told with as many digits as people read', (from, price, expected) => {
  expect(rateFrom(from, price)).toBe(expected);
});
