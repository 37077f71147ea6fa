import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyEd25519 } from '../../src/client/session/ed25519.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

// RFC 8032, section 7.1: TEST 1 to TEST 3.
test.each([
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
])('the vectors of RFC 8032 verify', (key, message, signature) => {
  expect(verifyEd25519(bytes(signature), bytes(message), bytes(key))).toBe(true);
});

test('what Node signs verifies, and not a bit of it may differ', () => {
  for (let run = 0; run < 8; run += 1) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = Uint8Array.from(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
    const message = bytes('00ff'.repeat(run * 9));
    const signature = Uint8Array.from(sign(null, message, privateKey));
    expect(verifyEd25519(signature, message, key)).toBe(true);
    const at = run * 8;
    expect(verifyEd25519(signature.with(at % 64, (signature[at % 64] ?? 0) ^ 1), message, key)).toBe(false);
    expect(verifyEd25519(signature, message, key.with(run, (key[run] ?? 0) ^ 1))).toBe(false);
    expect(verifyEd25519(signature, Uint8Array.of(...message, 0), key)).toBe(false);
  }
});

test('a key of small order, a point off the curve and an s beyond the order verify nothing', () => {
  const neutral = new Uint8Array(32).with(0, 1);
  const forged = new Uint8Array(64).with(0, 1);
  expect(verifyEd25519(forged, Uint8Array.of(1), neutral)).toBe(false);
  expect(verifyEd25519(new Uint8Array(64).fill(255), Uint8Array.of(1), neutral)).toBe(false);
  expect(verifyEd25519(new Uint8Array(10), Uint8Array.of(1), neutral)).toBe(false);
  // TEST 1 of the RFC with the order added to s: the same equation, another text.
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const [key, signature] = [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ] as const;
  const reversed = (hex: string): string => Buffer.from(Buffer.from(hex, 'hex').toReversed()).toString('hex');
  const s = BigInt(`0x${reversed(signature.slice(64))}`) + order;
  const malleable = signature.slice(0, 64) + reversed(s.toString(16).padStart(64, '0'));
  expect(verifyEd25519(bytes(malleable), bytes(''), bytes(key))).toBe(false);
});
