import { padded } from './padded.ts';
import { primes } from './primes.ts';

const BLOCK_BYTES = 128;

/** The whole part of the root of that degree, bit by bit from above. */
const wholeRoot = (value: bigint, degree: bigint): bigint => {
  let root = 0n;
  // Of a prime below 512 it has five bits, and 64 are its fraction's.
  for (let bit = 1n << 68n; bit > 0n; bit >>= 1n) {
    if ((root | bit) ** degree <= value) root |= bit;
  }
  return root;
};
/** The first 64 bits of the fractions of the roots of the first primes; the array drops what is in front of them. */
const fractionsOfRoots = (count: number, degree: 2n | 3n): BigUint64Array<ArrayBuffer> =>
  BigUint64Array.from(primes(count), (prime) => wholeRoot(BigInt(prime) << (64n * degree), degree));

const rotate = (word: bigint, by: bigint): bigint => BigInt.asUintN(64, (word >> by) | (word << (64n - by)));

/** The sixteen words of a block, and 64 that mix them. */
const schedule = (blocks: DataView, at: number): BigUint64Array => {
  const words = new BigUint64Array(80);
  for (let t = 0; t < 16; t += 1) words[t] = blocks.getBigUint64(at + t * 8);
  for (let t = 16; t < 80; t += 1) {
    const [early, late] = [words[t - 15] as bigint, words[t - 2] as bigint];
    const a = rotate(early, 1n) ^ rotate(early, 8n) ^ (early >> 7n);
    const b = rotate(late, 19n) ^ rotate(late, 61n) ^ (late >> 6n);
    words[t] = (words[t - 16] as bigint) + a + (words[t - 7] as bigint) + b;
  }
  return words;
};

/** One block into the state (FIPS 180-4, section 6.4.2). */
const compress = (state: BigUint64Array, words: BigUint64Array, rounds: BigUint64Array): void => {
  let [a, b, c, d, e, f, g, h] = state as unknown as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  for (let t = 0; t < 80; t += 1) {
    const choice = (e & f) ^ (~e & g);
    const up =
      h + (rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n)) + choice + (rounds[t] as bigint) + (words[t] as bigint);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const down = (rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n)) + majority;
    [h, g, f, e] = [g, f, e, BigInt.asUintN(64, d + up)];
    [d, c, b, a] = [c, b, a, BigInt.asUintN(64, up + down)];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as bigint) + word;
};

/** SHA-512 (FIPS 180-4) for the few bytes of a signature: short rather than fast. */
export const sha512 = (message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const blocks = padded(message, BLOCK_BYTES);
  const rounds = fractionsOfRoots(80, 3n);
  const state = fractionsOfRoots(8, 2n);
  for (let at = 0; at < blocks.byteLength; at += BLOCK_BYTES) compress(state, schedule(blocks, at), rounds);
  const digest = new DataView(new ArrayBuffer(64));
  for (const [index, word] of state.entries()) digest.setBigUint64(index * 8, word);
  return new Uint8Array(digest.buffer);
};
