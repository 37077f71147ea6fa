import { poly1305 as theirs } from '@noble/ciphers/_poly1305.js';
import { expect, test } from 'vitest';
import { poly1305 } from '../../src/client/cipher/poly1305.ts';

// Keys and blocks at the ends of their ranges, where carries are largest: RFC 8439's own edge cases are among these.
const ENDS = [0x00, 0x01, 0x7f, 0x80, 0xfb, 0xfc, 0xfe, 0xff];

test('tags at the ends of the range are those of an audited library', () => {
  for (const keyByte of ENDS) {
    for (const byte of ENDS) {
      for (const last of ENDS) {
        const key = new Uint8Array(32).fill(keyByte).fill(last, 16);
        const blocks = new Uint8Array(16 * 70).fill(byte);
        blocks[blocks.length - 16] = last;
        expect(poly1305(key, blocks)).toEqual(theirs(blocks, key));
      }
    }
  }
});

test('a key of two and a block of 2^130 - 5 reduce to nothing but the pad', () => {
  const key = new Uint8Array(32);
  key[0] = 2;
  const blocks = new Uint8Array(16).fill(0xff);
  expect(poly1305(key, blocks)).toEqual(theirs(blocks, key));
  expect(poly1305(key, blocks)[0]).toBe(3);
});
