import { padded } from './padded.ts';
import { primes } from './primes.ts';

// A root below 7 leaves a double 50 bits of fraction: 18 more than are used, so no engine rounds differently.
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

const BLOCK_BYTES = 64;

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** The sixteen words of a block, and 48 that mix them. */
const schedule = (blocks: DataView, at: number, words: Int32Array): void => {
  for (let t = 0; t < 16; t += 1) words[t] = blocks.getInt32(at + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const early = words[t - 15] as number;
    const late = words[t - 2] as number;
    const a = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const b = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    words[t] = (words[t - 16] as number) + a + (words[t - 7] as number) + b;
  }
};

/** One block into the state (FIPS 180-4, section 6.2.2). */
const compress = (state: Int32Array, words: Int32Array): void => {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const choice = (e & f) ^ (~e & g);
    const up =
      h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (ROUNDS[t] as number) + (words[t] as number);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const down = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    // One by one: Hermes would make an array and an iterator a round.
    h = g;
    g = f;
    f = e;
    e = (d + up) | 0;
    d = c;
    c = b;
    b = a;
    a = (up + down) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as number) + word;
};

/** SHA-256 (FIPS 180-4), at once: WebCrypto's is asynchronous, and Hermes has none. */
export const sha256 = (message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const blocks = padded(message, BLOCK_BYTES);
  const state = START.slice();
  const words = new Int32Array(64);
  for (let at = 0; at < blocks.byteLength; at += BLOCK_BYTES) {
    schedule(blocks, at, words);
    compress(state, words);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) digest.setInt32(index * 4, word);
  return new Uint8Array(digest.buffer);
};
