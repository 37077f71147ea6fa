import { describe, expect, test } from 'vitest';
import * as field from '../../../src/shared/contract/events/fields.ts';

describe('an instant', () => {
  test.each(['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.5Z', '2028-02-29T23:59:59.999Z', '0001-01-01T00:00:00Z'])(
    'may be %s',
    (text) => expect(field.instant.safeParse(text).success).toBe(true),
  );

  test.each([
    '2026-11-22',
    '2026-11-22T10:00:00',
    '2026-11-22T10:00:00+01:00',
    '2026-02-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22T10:00:60Z',
    '0000-01-01T00:00:00Z',
    '2026-11-22T10:00:00Z\n',
    '',
  ])('is not %j', (text) => expect(field.instant.safeParse(text).success).toBe(false));
});

describe('a date', () => {
  test.each(['2026-11-22', '2028-02-29', '0001-01-01'])('may be %s', (text) =>
    expect(field.date.safeParse(text).success).toBe(true),
  );

  test.each(['2027-02-29', '2026-11-31', '2026-00-10', '0000-01-01', '26-11-22', '2026-11-22T00:00:00Z'])(
    'is not %j',
    (text) => expect(field.date.safeParse(text).success).toBe(false),
  );
});

describe('the length of a text', () => {
  test.each([
    ['letters', 'x', 1],
    ['emoji, of two UTF-16 units', '😀', 1],
    ['an emoji of a family, of five code points', '👨\u200d👩\u200d👧', 5],
    ['letters with a combining accent', 'e\u0301', 2],
    ['halves of a pair', '\ud83d', 1],
  ])('counts the code points of %s', (_what, character, points) => {
    const taken = (count: number): boolean => field.text(30).safeParse(character.repeat(count)).success;
    expect([taken(30 / points), taken(30 / points + 1)]).toEqual([true, false]);
  });
});

describe('custom fields', () => {
  test('hold plain values under plain names', () => {
    expect(field.customFields.safeParse({ region: 'EMEA', size: 3, hot: true, gone: null }).success).toBe(true);
  });

  test.each([
    ['a nested value', { a: { b: 1 } }],
    ['a list', { a: [] }],
    ['a name with a dot, which would be another register', { 'a.b': 1 }],
    ['a name that begins with a digit', { '1': 1 }],
    ['101 names', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 1]))],
  ])('are refused with %s', (_what, value) => {
    expect(field.customFields.safeParse(value).success).toBe(false);
  });

  test('never take a prototype along', () => {
    const { data } = field.customFields.safeParse(JSON.parse('{"__proto__": {"admin": true}}'));
    expect(data === undefined || !('admin' in data)).toBe(true);
  });
});
