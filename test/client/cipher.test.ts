import { randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expect, test } from 'vitest';
import { KEY_BYTES, NONCE_BYTES, open, seal } from '../../src/client/cipher/xchacha20-poly1305.ts';

const some = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const full = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test('what an audited library seals is sealed alike, whatever the lengths, and opens again', () => {
  for (let length = 0; length < 400; length += 1) {
    const [key, nonce, boundTo, plain] = [some(KEY_BYTES), some(NONCE_BYTES), some(length % 70), some(length)];
    const sealed = seal(key, nonce, boundTo, plain);
    expect(sealed.subarray(NONCE_BYTES)).toEqual(xchacha20poly1305(key, nonce, boundTo).encrypt(plain));
    expect(open(key, boundTo, sealed)).toEqual(plain);
  }
});

test('the vector of draft-irtf-cfrg-xchacha, A.3.1', () => {
  const plain = new TextEncoder().encode(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
  const nonce = bytes('404142434445464748494a4b4c4d4e4f5051525354555657');
  const sealed = seal(key, nonce, bytes('50515253c0c1c2c3c4c5c6c7'), plain);
  expect(Buffer.from(sealed.subarray(-16)).toString('hex')).toBe('c0875924c1c7987947deafd8780acf49');
  expect(Buffer.from(sealed.subarray(24, 40)).toString('hex')).toBe('bd6d179d3e83d43b9576579493c0e939');
});

test('megabytes, with bound bytes that fill every limb of the tag', () => {
  const [key, nonce, boundTo, plain] = [full(KEY_BYTES), full(NONCE_BYTES), full(100_000), some(1_000_001)];
  const sealed = seal(key, nonce, boundTo, plain);
  expect(Buffer.compare(sealed.subarray(NONCE_BYTES), xchacha20poly1305(key, nonce, boundTo).encrypt(plain))).toBe(0);
});

test('not a bit may differ, of the nonce, the ciphertext, the tag or what it is bound to', () => {
  const [key, boundTo, plain] = [some(KEY_BYTES), some(20), some(33)];
  const sealed = seal(key, some(NONCE_BYTES), boundTo, plain);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    expect(open(key, boundTo, sealed.with(bit >> 3, (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7))))).toBeUndefined();
  }
  expect(open(key, Uint8Array.of(...boundTo, 0), sealed)).toBeUndefined();
  expect(open(some(KEY_BYTES), boundTo, sealed)).toBeUndefined();
  expect(open(key, boundTo, sealed.subarray(0, -1))).toBeUndefined();
  expect(open(key, boundTo, new Uint8Array(39))).toBeUndefined();
});
