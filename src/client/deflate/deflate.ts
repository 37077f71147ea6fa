import { distanceOf, isByte, lengthOf, tokensOf, type Token } from './copies.ts';
import {
  CODE_MAX,
  COPY_MIN,
  DISTANCE_FINE,
  DISTANCES,
  DYNAMIC,
  END,
  LENGTH_FINE,
  LITERALS,
  META_CODE_MAX,
  META_ORDER,
  restOf,
  symbolOf,
} from './format.ts';
import { codeLengths, codesOf } from './huffman.ts';

/** Bits, the lowest first. */
type Put = (value: number, width: number) => void;

/** A block tells its codes in some 100 bytes, and they fit what is in it. */
const TOKENS_A_BLOCK = 16_384;

/** Packs bytes as RFC 1951 says. Only blocks with codes of their own: what is too short for them is not packed here. */
export const deflate = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const tokens = tokensOf(bytes);
  const packed: number[] = [];
  let held = 0;
  let count = 0;
  const put: Put = (value, width) => {
    held |= value << count;
    for (count += width; count >= 8; count -= 8) {
      packed.push(held & 0xff);
      held >>>= 8;
    }
  };
  for (let at = 0; at === 0 || at < tokens.length; at += TOKENS_A_BLOCK) {
    put(at + TOKENS_A_BLOCK >= tokens.length ? 1 : 0, 1);
    putBlock(tokens.slice(at, at + TOKENS_A_BLOCK), put);
  }
  put(0, 7);
  return Uint8Array.from(packed);
};

/** A code that fits what is sent in it. */
const coder = (symbols: readonly number[], alphabet: { size: number; max: number }, put: Put) => {
  const counts = Array.from({ length: alphabet.size }, () => 0);
  for (const symbol of symbols) counts[symbol] = (counts[symbol] as number) + 1;
  const lengths = codeLengths(counts, alphabet.max);
  const codes = codesOf(lengths);
  return { lengths, put: (symbol: number) => put(codes[symbol] as number, lengths[symbol] as number) };
};

const lengthSymbol = (token: Token): number => END + 1 + symbolOf(lengthOf(token) - COPY_MIN, LENGTH_FINE);
const distanceSymbol = (token: Token): number => symbolOf(distanceOf(token) - 1, DISTANCE_FINE);

const putBlock = (tokens: readonly Token[], put: Put): void => {
  const symbols = tokens.map((token) => (isByte(token) ? token : lengthSymbol(token)));
  const copies = tokens.filter((token) => !isByte(token));
  const literals = coder([...symbols, END], { size: LITERALS, max: CODE_MAX }, put);
  const distances = coder(copies.map(distanceSymbol), { size: DISTANCES, max: CODE_MAX }, put);
  const putRest = (number: number, fine: number): void =>
    put(number & ((1 << restOf(number, fine)) - 1), restOf(number, fine));
  putLengths([...literals.lengths, ...distances.lengths], put);
  for (const [index, token] of tokens.entries()) {
    literals.put(symbols[index] as number);
    if (isByte(token)) continue;
    putRest(lengthOf(token) - COPY_MIN, LENGTH_FINE);
    distances.put(distanceSymbol(token));
    putRest(distanceOf(token) - 1, DISTANCE_FINE);
  }
  literals.put(END);
};

/** Tells the lengths of the codes, in a code of their own. */
const putLengths = (lengths: readonly number[], put: Put): void => {
  const runs = runsOf(lengths);
  const alphabet = { size: META_ORDER.length, max: META_CODE_MAX };
  const meta = coder(
    runs.map(({ symbol }) => symbol),
    alphabet,
    put,
  );
  put(DYNAMIC, 2);
  put(LITERALS - END - 1, 5);
  put(DISTANCES - 1, 5);
  put(META_ORDER.length - 4, 4);
  for (const symbol of META_ORDER) put(meta.lengths[symbol] as number, 3);
  for (const { symbol, more, width } of runs) {
    meta.put(symbol);
    put(more, width);
  }
};

/** A length, or several that are alike: how many more than the fewest that its symbol stands for. */
interface Run {
  readonly symbol: number;
  readonly covers: number;
  readonly more: number;
  readonly width: number;
}

const runsOf = (lengths: readonly number[]): Run[] => {
  const runs: Run[] = [];
  for (let at = 0; at < lengths.length; at += runs.at(-1)?.covers ?? 0) {
    const length = lengths[at] as number;
    const other = lengths.findIndex((next, index) => index > at && next !== length);
    runs.push(runOf(length, (other < 0 ? lengths.length : other) - at, length === lengths[at - 1]));
  }
  return runs;
};

const runOf = (length: number, many: number, repeats: boolean): Run => {
  const upTo = (symbol: number, min: number, width: number): Run => {
    const covers = Math.min(many, min + (1 << width) - 1);
    return { symbol, covers, more: covers - min, width };
  };
  if (length === 0 && many >= 11) return upTo(18, 11, 7);
  if (length === 0 && many >= 3) return upTo(17, 3, 3);
  return repeats && many >= 3 ? upTo(16, 3, 2) : { symbol: length, covers: 1, more: 0, width: 0 };
};
