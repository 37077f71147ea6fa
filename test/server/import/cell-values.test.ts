import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellValue, minorUnits } from '../../../src/server/import/cell-values.ts';
import type { FieldSource } from '../../../src/server/import/mapping.ts';
import type { CellKind } from '../../../src/server/import/targets.ts';

const read = (text: string, kind: CellKind, source: FieldSource = {}) => {
  const value = cellValue(text, kind, source);
  return value.ok ? value.value : 'refused';
};
const iso = (text: string, source?: FieldSource) => {
  const value = read(text, 'instant', source);
  return typeof value === 'number' ? new Date(value).toISOString() : value;
};

test('a day is its first moment in UTC, and a time without an offset is in UTC', () => {
  expect(iso('2017-03-01')).toBe('2017-03-01T00:00:00.000Z');
  expect(iso('2017-03-01 09:30')).toBe('2017-03-01T09:30:00.000Z');
  expect(iso('2017-03-01T09:30:15.123456+02:00')).toBe('2017-03-01T07:30:15.123Z');
  expect(iso('2017-03-01T23:30:00-0200')).toBe('2017-03-02T01:30:00.000Z');
});

test('days are read as the mapping says they are written', () => {
  expect(iso('22.11.2026', { format: 'DD.MM.YYYY' })).toBe('2026-11-22T00:00:00.000Z');
  expect(iso('11/22/2026', { format: 'MM/DD/YYYY' })).toBe('2026-11-22T00:00:00.000Z');
  expect(iso('22/11/2026', { format: 'MM/DD/YYYY' })).toBe('refused');
  expect(iso('2026-11-22', { format: 'DD.MM.YYYY' })).toBe('refused');
});

test('days and times that do not exist are refused', () => {
  for (const text of ['2017-02-29', '2017-13-01', '0000-01-01', '2017-1-1', 'yesterday', '2017-01-01T24:61', '']) {
    expect(iso(text), text).toBe('refused');
  }
});

test('amounts are decimals of the major unit, thousands apart or not', () => {
  expect(read('1054', 'money')).toBe('1054');
  expect(read('1,234,567.89', 'money')).toBe('1234567.89');
  expect(read('1.234,5', 'money', { decimal: ',' })).toBe('1234.5');
  for (const text of ['-5', '1,23', '1e3', '$5', '1.2.3', '.5', '12,34.5', 'NaN', ''])
    expect(read(text, 'money'), text).toBe('refused');
});

test('minor units lose no digit', () => {
  expect(minorUnits('1054', 2)).toBe(105_400);
  expect(minorUnits('0.1', 2)).toBe(10);
  expect(minorUnits('500', 0)).toBe(500);
  expect(minorUnits('1.5', 0)).toBeUndefined();
  expect(minorUnits('1.50', 1)).toBe(15);
  expect(minorUnits('999999999999999', 2)).toBeUndefined();
});

test('any amount in minor units comes back from its decimal text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 4 }), (minor, digits) => {
      const text = String(minor).padStart(digits + 1, '0');
      const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
      expect(minorUnits(decimal, digits)).toBe(minor);
    }),
    { seed: 7 },
  );
});

test('a list falls apart at semicolons', () => {
  expect(read(' a@x.de; b@x.de ;', 'list')).toEqual(['a@x.de', 'b@x.de']);
});
