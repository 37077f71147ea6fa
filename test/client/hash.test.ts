import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/client/hash/hex.ts';
import { hkdf, hmac } from '../../src/client/hash/hmac.ts';
import { sha256 } from '../../src/client/hash/sha256.ts';
import { sha512 } from '../../src/client/hash/sha512.ts';

// Past two blocks of SHA-512, so that the padding meets every edge of a block.
const LENGTHS = Array.from({ length: 300 }, (_, length) => length);
const some = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

describe('hashes are those of Node, whatever the length', () => {
  test('SHA-256', () => {
    for (const message of LENGTHS.map(some)) {
      expect(toHex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
    }
  });

  test('SHA-512', () => {
    for (const message of LENGTHS.map(some)) {
      expect(toHex(sha512(message))).toBe(createHash('sha512').update(message).digest('hex'));
    }
  });

  test('HMAC, with keys shorter and longer than a block', () => {
    for (const key of LENGTHS.map(some)) {
      expect(toHex(hmac(key, key))).toBe(createHmac('sha256', key).update(key).digest('hex'));
    }
  });

  test('HKDF', () => {
    for (const [secret, salt, purpose] of [
      [32, 90, 6],
      [0, 0, 0],
      [80, 64, 200],
    ].map((sizes) => sizes.map(some))) {
      if (!secret || !salt || !purpose) throw new Error('three sizes a case');
      const theirs = new Uint8Array(hkdfSync('sha256', secret, salt, purpose, 32));
      expect(toHex(hkdf(secret, salt, purpose))).toBe(toHex(theirs));
    }
  });
});

test('a view into a larger buffer is hashed as itself', () => {
  const message = some(64);
  const all = Uint8Array.of(1, 2, 3, ...message, 4);
  expect(sha256(all.subarray(3, 67))).toEqual(sha256(message));
});
