const KEY_WORDS = 8;
// "expand 32-byte k", as the specification spells it.
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const BLOCK_BYTES = 64;

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** On the column that begins at `a`, or the diagonal where every row is shifted once more. */
const quarterRound = (x: Int32Array, a: number, shift: 0 | 1): void => {
  const b = 4 + ((a + shift) & 3);
  const c = 8 + ((a + 2 * shift) & 3);
  const d = 12 + ((a + 3 * shift) & 3);
  let p = x[a] as number;
  let q = x[b] as number;
  let r = x[c] as number;
  let s = x[d] as number;
  p = (p + q) | 0;
  s = rotated(s ^ p, 16);
  r = (r + s) | 0;
  q = rotated(q ^ r, 12);
  p = (p + q) | 0;
  s = rotated(s ^ p, 8);
  r = (r + s) | 0;
  q = rotated(q ^ r, 7);
  x[a] = p;
  x[b] = q;
  x[c] = r;
  x[d] = s;
};

/** Twenty rounds: ten times the columns, then the diagonals (RFC 8439, section 2.3). */
const mix = (x: Int32Array): void => {
  for (let round = 0; round < 10; round += 1) {
    for (let at = 0; at < 4; at += 1) quarterRound(x, at, 0);
    for (let at = 0; at < 4; at += 1) quarterRound(x, at, 1);
  }
};

/** Little-endian words, whatever the bytes' place in their buffer. */
export const wordsOf = (bytes: Uint8Array): Int32Array<ArrayBuffer> => new Int32Array(Uint8Array.from(bytes).buffer);

const stateOf = (key: Int32Array, tail: Int32Array): Int32Array<ArrayBuffer> =>
  Int32Array.of(...CONSTANTS, ...key.subarray(0, KEY_WORDS), ...tail);

/** The key for one nonce's first sixteen bytes (draft-irtf-cfrg-xchacha, section 2.2). */
export const hchacha20 = (key: Int32Array, nonce: Int32Array): Int32Array<ArrayBuffer> => {
  const x = stateOf(key, nonce);
  mix(x);
  return Int32Array.of(...x.subarray(0, 4), ...x.subarray(12));
};

/** The bytes under the key stream; what was sealed opens by the same. `tail` is the counter and the nonce. */
export const chacha20 = (key: Int32Array, tail: Int32Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const state = stateOf(key, tail);
  const x = new Int32Array(state.length);
  // Every engine that runs an app is little-endian, as the cipher is.
  const stream = new Uint8Array(x.buffer);
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    x.set(state);
    mix(x);
    for (let word = 0; word < x.length; word += 1) x[word] = (x[word] as number) + (state[word] as number);
    const end = Math.min(BLOCK_BYTES, bytes.length - at);
    for (let byte = 0; byte < end; byte += 1) out[at + byte] = (bytes[at + byte] as number) ^ (stream[byte] as number);
    state[12] = (state[12] as number) + 1;
  }
  return out;
};
