import { makeRoom, writeInt16, writeInt32, writeInt64 } from './bytes.ts';
import { refuse, type WriteValue } from './value.ts';

export const integer: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if ((number | 0) !== number) refuse(value, 'integer');
  writeInt32(out, 4);
  writeInt32(out, number);
};

export const smallint: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if ((number << 16) >> 16 !== number) refuse(value, 'smallint');
  writeInt32(out, 2);
  writeInt16(out, number);
};

export const bigint: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if (!Number.isSafeInteger(number)) refuse(value, 'bigint that is exact as a number');
  writeInt32(out, 8);
  writeInt64(out, number);
};

export const boolean: WriteValue = (out, value) => {
  writeInt32(out, 1);
  out.bytes[out.size++] = value === true ? 1 : 0;
};

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const NEGATIVE = 0x4000;

/** In groups of four decimal digits, `weight` of them after the first and before the point. */
export const numeric: WriteValue = (out, value) => {
  const [, sign, whole, fraction = ''] = DECIMAL.exec(String(value)) ?? refuse(value, 'numeric');
  const before = (whole as string).padStart(Math.ceil((whole as string).length / 4) * 4, '0');
  const digits = before + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  makeRoom(out, 12 + digits.length / 2);
  writeInt32(out, 8 + digits.length / 2);
  writeInt16(out, digits.length / 4);
  writeInt16(out, before.length / 4 - 1);
  writeInt16(out, sign === '-' ? NEGATIVE : 0);
  writeInt16(out, fraction.length);
  for (let at = 0; at < digits.length; at += 4) writeInt16(out, Number(digits.slice(at, at + 4)));
};
