import { COPY_MIN } from './format.ts';

/** One below the format's, which is the one length that does not fit its own scheme of symbols. */
const LENGTH_MAX = 257;
const DISTANCE_MAX = 32_768;
const LENGTH_BITS = 9;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
const HASH_BITS = 15;
const TRIES = 16;

/** A byte, or a copy of what was there before. */
export type Token = number;
export const isByte = (token: Token): boolean => token <= 0xff;
export const lengthOf = (token: Token): number => token & LENGTH_MASK;
export const distanceOf = (token: Token): number => token >> LENGTH_BITS;

const hashOf = (bytes: Uint8Array, at: number): number => {
  const three = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  return Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
};

const commonLength = (bytes: Uint8Array, one: number, other: number): number => {
  const max = Math.min(LENGTH_MAX, bytes.length - other);
  let length = 0;
  while (length < max && bytes[one + length] === bytes[other + length]) length++;
  return length;
};

/** Bytes as tokens: the longest copy among the last places where the same three bytes stood, else the byte. */
export const tokensOf = (bytes: Uint8Array): Token[] => {
  const newest = new Int32Array(1 << HASH_BITS).fill(-1);
  const older = new Int32Array(bytes.length);
  const note = (at: number): void => {
    const hash = hashOf(bytes, at);
    older[at] = newest[hash] as number;
    newest[hash] = at;
  };
  const longest = (at: number): Token => {
    let length = COPY_MIN - 1;
    let distance = 0;
    let place = older[at] as number;
    for (let left = TRIES; left > 0 && place >= 0 && at - place <= DISTANCE_MAX; left--) {
      // Only a longer one is of use, and one byte tells in most cases that it is not.
      const found = bytes[place + length] === bytes[at + length] ? commonLength(bytes, place, at) : 0;
      if (found > length) [length, distance] = [found, at - place];
      place = older[place] as number;
    }
    return distance === 0 ? (bytes[at] as number) : (distance << LENGTH_BITS) | length;
  };
  const tokens: Token[] = [];
  for (let at = 0; at < bytes.length;) {
    note(at);
    const token = longest(at);
    tokens.push(token);
    const end = isByte(token) ? at : at + lengthOf(token) - 1;
    while (at < end) note(++at);
    at++;
  }
  return tokens;
};
