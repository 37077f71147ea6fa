import { CODE_MAX } from './format.ts';

/** How many bits each symbol gets by how often it comes: none where it never does, at most `max`. */
export const codeLengths = (counts: readonly number[], max: number): Uint8Array => {
  const symbols = usedSymbols(counts);
  const depths = depthsOf(symbols.map((symbol) => counts[symbol] || 1));
  // With every halving rare symbols come closer to common ones, until the longest code fits.
  if (Math.max(...depths) > max) return codeLengths(counts.map(halved), max);
  const lengths = new Uint8Array(counts.length);
  for (const [index, symbol] of symbols.entries()) lengths[symbol] = depths[index] as number;
  return lengths;
};

const halved = (count: number): number => Math.ceil(count / 2);

/** The rarest first, and two at least: zlib refuses the code of one, which is not whole. */
const usedSymbols = (counts: readonly number[]): number[] => {
  const used = counts.flatMap((count, symbol) => (count > 0 ? [symbol] : []));
  for (let symbol = 0; used.length < 2; symbol++) if (counts[symbol] === 0) used.push(symbol);
  return used.sort((a, b) => (counts[a] as number) - (counts[b] as number));
};

/** How deep each weight lies in the tree that joins the two lightest again and again; the weights rise. */
const depthsOf = (leaves: readonly number[]): Uint8Array => {
  const weights = [...leaves];
  const parents: number[] = [];
  let leaf = 0;
  let joined = leaves.length;
  // What was joined rises as well, so that the lightest is in front of one of the two.
  const lightest = (): number =>
    leaf === leaves.length || (weights[joined] ?? Infinity) < (weights[leaf] as number) ? joined++ : leaf++;
  while (weights.length < 2 * leaves.length - 1) {
    const [one, other] = [lightest(), lightest()];
    parents[one] = weights.length;
    parents[other] = weights.length;
    weights.push((weights[one] as number) + (weights[other] as number));
  }
  const depths = new Uint8Array(weights.length);
  for (let node = weights.length - 2; node >= 0; node--) depths[node] = 1 + (depths[parents[node] as number] as number);
  return depths.subarray(0, leaves.length);
};

/** The bits of each symbol, its first one lowest, which is the order in which they are sent (RFC 1951, 3.2.2). */
export const codesOf = (lengths: Uint8Array): Uint16Array => {
  const next = new Uint16Array(CODE_MAX + 2);
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] as number) + 1;
  for (let length = 1; length <= CODE_MAX; length++) {
    next[length] = 2 * ((next[length - 1] as number) + (next[length] as number));
  }
  return Uint16Array.from(lengths, (length) => {
    const code = next[length] as number;
    next[length] = code + 1;
    return reversed(code, length);
  });
};

const reversed = (code: number, length: number): number => {
  let bits = 0;
  for (let i = 0; i < length; i++) bits = (bits << 1) | ((code >> i) & 1);
  return bits;
};
