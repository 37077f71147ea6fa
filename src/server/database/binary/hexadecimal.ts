import { FIXED_BYTES, type Growing, makeRoom, writeInt32 } from './bytes.ts';
import { refuse, type WriteValue } from './value.ts';

const NIBBLES = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit += 1) {
  NIBBLES[digit.toString(16).charCodeAt(0)] = digit;
  NIBBLES[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const UUID_LENGTH = 36;
const byteAt = (text: string, at: number): number =>
  ((NIBBLES[text.charCodeAt(at)] ?? -1) << 4) | (NIBBLES[text.charCodeAt(at + 1)] ?? -1);

export const uuid = (out: Growing, value: unknown): void => {
  if (typeof value !== 'string' || value.length !== UUID_LENGTH) return refuse(value, 'uuid');
  writeInt32(out, 16);
  let { size } = out;
  // Negative as soon as one of them was no digit.
  let seen = 0;
  for (let at = 0; at < UUID_LENGTH; at += 2) {
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    const byte = byteAt(value, at);
    seen |= byte;
    out.bytes[size++] = byte;
  }
  out.size = size;
  if (seen < 0) refuse(value, 'uuid');
};

/** A column mostly repeats the id of the row before, whose bytes are then written again without a look at the text. */
export const uuidColumn = (): WriteValue => {
  const words = [0, 0, 0, 0] as const as [number, number, number, number];
  let last: unknown;
  return (out, value) => {
    const { view, size } = out;
    if (value === last) {
      view.setInt32(size, 16);
      view.setInt32(size + 4, words[0]);
      view.setInt32(size + 8, words[1]);
      view.setInt32(size + 12, words[2]);
      view.setInt32(size + 16, words[3]);
      out.size = size + FIXED_BYTES;
      return;
    }
    uuid(out, value);
    last = value;
    for (let word = 0; word < 4; word += 1) words[word] = view.getInt32(size + 4 + word * 4);
  };
};

/** From its text form, `\\x` and hexadecimal digits. */
export const bytea: WriteValue = (out, value) => {
  if (typeof value !== 'string' || !value.startsWith('\\x') || value.length % 2 !== 0) return refuse(value, 'bytea');
  const length = value.length / 2 - 1;
  makeRoom(out, 4 + length);
  writeInt32(out, length);
  let { size } = out;
  let seen = 0;
  for (let at = 2; at < value.length; at += 2) {
    const byte = byteAt(value, at);
    seen |= byte;
    out.bytes[size++] = byte;
  }
  out.size = size;
  if (seen < 0) refuse(value, 'bytea');
};
