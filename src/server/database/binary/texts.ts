import { makeRoom, writeInt32 } from './bytes.ts';
import { refuse, type WriteValue } from './value.ts';

/** Up to so many characters, a loop in JavaScript is faster than the call that encodes them. */
const SHORT = 32;

export const text: WriteValue = (out, value) => {
  if (typeof value !== 'string') return refuse(value, 'text');
  // No UTF-16 unit takes more than three bytes of UTF-8.
  makeRoom(out, 4 + value.length * 3);
  const begin = out.size + 4;
  let size = begin;
  const short = value.length <= SHORT;
  for (let index = 0; short && index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) break;
    out.bytes[size++] = code;
  }
  if (size - begin < value.length) size = begin + out.bytes.write(value, begin);
  writeInt32(out, size - begin);
  out.size = size;
};

export const json: WriteValue = (out, value) => text(out, JSON.stringify(value));
