import { COPY_MIN, DISTANCE_FINE, DYNAMIC, END, LENGTH_FINE, META_ORDER } from './format.ts';
import { codesOf } from './huffman.ts';

/** For the next bits a symbol, above how many of them are its own; 0 where no code begins like that. */
type Table = Uint16Array;
const WIDTH_BITS = 4;
const WIDTH_MASK = (1 << WIDTH_BITS) - 1;

/** The longest copy, whose symbol no bits follow. */
const LONGEST = 285;
const COPY_MAX = 258;

const tableOf = (lengths: Uint8Array): Table => {
  const table = new Uint16Array(1 << Math.max(...lengths));
  for (const [symbol, code] of codesOf(lengths).entries()) {
    const width = lengths[symbol] as number;
    if (width === 0) continue;
    for (let at = code; at < table.length; at += 1 << width) table[at] = (symbol << WIDTH_BITS) | width;
  }
  return table;
};

const check = (isSound: boolean): void => {
  if (!isSound) throw new Error('these bytes are not what deflate made of any');
};

const readerOf = (bytes: Uint8Array) => {
  let at = 0;
  const peek = (): number => {
    const byte = at >> 3;
    const bits = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16);
    return bits >> (at & 7);
  };
  const skip = (width: number): void => {
    at += width;
    check(at <= bytes.length * 8);
  };
  const take = (width: number): number => {
    const value = peek() & ((1 << width) - 1);
    skip(width);
    return value;
  };
  const symbol = (table: Table): number => {
    const entry = table[peek() & (table.length - 1)] as number;
    check(entry > 0);
    skip(entry & WIDTH_MASK);
    return entry >> WIDTH_BITS;
  };
  /** The number of a symbol and the bits behind it. */
  const number = (told: number, fine: number): number => {
    const rest = Math.max(0, (told >> fine) - 1);
    return ((told - (rest << fine)) << rest) + take(rest);
  };
  return { take, symbol, number };
};
type Reader = ReturnType<typeof readerOf>;

/** What a symbol says about lengths of codes: one, or how often the last one or none comes once more. */
const runOf = (symbol: number, last: number, { take }: Reader): readonly [length: number, many: number] => {
  if (symbol < 16) return [symbol, 1];
  if (symbol === 16) return [last, 3 + take(2)];
  return [0, symbol === 17 ? 3 + take(3) : 11 + take(7)];
};

const tablesOf = (reader: Reader): readonly [literals: Table, distances: Table] => {
  const literals = reader.take(5) + END + 1;
  const lengths = new Uint8Array(literals + reader.take(5) + 1);
  const meta = new Uint8Array(META_ORDER.length);
  for (const symbol of META_ORDER.slice(0, reader.take(4) + 4)) meta[symbol] = reader.take(3);
  const table = tableOf(meta);
  for (let at = 0; at < lengths.length;) {
    const [length, many] = runOf(reader.symbol(table), lengths[at - 1] ?? 0, reader);
    lengths.fill(length, at, at + many);
    at += many;
  }
  return [tableOf(lengths.subarray(0, literals)), tableOf(lengths.subarray(literals))];
};

/** What `deflate` packed, of which the size is known. Throws for anything else. */
export const inflate = (bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(size);
  const reader = readerOf(bytes);
  let end = 0;
  const copy = (symbol: number, distances: Table): void => {
    const length = symbol === LONGEST ? COPY_MAX : COPY_MIN + reader.number(symbol - END - 1, LENGTH_FINE);
    const distance = 1 + reader.number(reader.symbol(distances), DISTANCE_FINE);
    check(distance <= end && length <= size - end);
    for (const stop = end + length; end < stop; end++) out[end] = out[end - distance] as number;
  };
  for (let isLast = 0; isLast === 0;) {
    isLast = reader.take(1);
    check(reader.take(2) === DYNAMIC);
    const [literals, distances] = tablesOf(reader);
    for (let symbol = reader.symbol(literals); symbol !== END; symbol = reader.symbol(literals)) {
      if (symbol > END) copy(symbol, distances);
      else {
        check(end < size);
        out[end++] = symbol;
      }
    }
  }
  check(end === size);
  return out;
};
