import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUtf8, toUtf8, utf8Of } from '../../src/client/utf8.ts';

// An engine that has neither TextEncoder nor TextDecoder, as old Hermes.
const bare = utf8Of({ escape, unescape });

test('text is the same bytes with and without TextEncoder, halves of surrogate pairs included', () => {
  const property = fc.property(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', '\ud800', '\udc00x'),
    (text, half) => {
      expect(bare.toUtf8(text + half)).toEqual(toUtf8(text + half));
    },
  );
  fc.assert(property, { numRuns: 100 });
});

test('bytes are the same text with and without TextDecoder', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
    expect(bare.fromUtf8(toUtf8(text))).toBe(fromUtf8(toUtf8(text)));
    expect(bare.fromUtf8(toUtf8(text))).toBe(text);
  });
  fc.assert(property, { numRuns: 100 });
});

test('a page of any length goes both ways', () => {
  const text = 'Grüße, 東京 \u{1f469}\u200d\u{1f52c} %41 '.repeat(10_000);
  expect(bare.fromUtf8(bare.toUtf8(text))).toBe(text);
});
