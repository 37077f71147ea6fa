/**
 * Poly1305 (RFC 8439, section 2.5) over whole blocks, which is all that the cipher's construction asks for. Numbers of
 * 130 bits are six limbs of 22: a limb of two summands times a limb, times the wrap, six times, stays below 2^53.
 */
const LIMBS = 6;
const BITS = 22;
const BASE = 2 ** BITS;
const MASK = BASE - 1;
/** 2^132 is 4 · 2^130, and 2^130 is 5. */
const WRAP = 20;
const P = 2n ** 130n - 5n;

type Limbs = Float64Array<ArrayBuffer>;

/** Adds sixteen bytes, with `top` as the bits from 128 on. */
const addBlock = (to: Limbs, view: DataView, at: number, top: number): void => {
  const a = view.getInt32(at, true);
  const b = view.getInt32(at + 4, true);
  const c = view.getInt32(at + 8, true);
  const d = view.getInt32(at + 12, true);
  to[0] = (to[0] as number) + (a & MASK);
  to[1] = (to[1] as number) + (((a >>> 22) | (b << 10)) & MASK);
  to[2] = (to[2] as number) + (((b >>> 12) | (c << 20)) & MASK);
  to[3] = (to[3] as number) + ((c >>> 2) & MASK);
  to[4] = (to[4] as number) + (((c >>> 24) | (d << 8)) & MASK);
  to[5] = (to[5] as number) + ((d >>> 14) | (top << 18));
};

/** The product into `product`, its limbs small again. `r` begins with its limbs times the wrap. */
const multiply = (h: Limbs, r: Limbs, product: Limbs): void => {
  let carry = 0;
  for (let at = 0; at < LIMBS; at += 1) {
    let sum = carry;
    for (let by = 0; by < LIMBS; by += 1) sum += (h[by] as number) * (r[LIMBS + at - by] as number);
    carry = Math.floor(sum / BASE);
    product[at] = sum - carry * BASE;
  }
  // What is carried out at the top wraps to the bottom; a second small carry keeps every limb within a bit of 22.
  const low = (product[0] as number) + carry * WRAP;
  carry = Math.floor(low / BASE);
  product[0] = low - carry * BASE;
  product[1] = (product[1] as number) + carry;
};

const bigOf = (limbs: Limbs): bigint =>
  Array.from(limbs).reduceRight((sum, limb) => (sum << BigInt(BITS)) + BigInt(limb), 0n);

/** The tag of whole blocks under a key of 32 bytes that is used once. */
export const poly1305 = (key: Uint8Array, blocks: Uint8Array): Uint8Array<ArrayBuffer> => {
  const keyed = new DataView(Uint8Array.from(key).buffer);
  for (const at of [3, 7, 11, 15]) keyed.setUint8(at, keyed.getUint8(at) & 15);
  for (const at of [4, 8, 12]) keyed.setUint8(at, keyed.getUint8(at) & 252);
  const key130 = new Float64Array(LIMBS);
  addBlock(key130, keyed, 0, 0);
  const r = Float64Array.of(...key130.map((limb) => limb * WRAP), ...key130);
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  let h = new Float64Array(LIMBS);
  let product = new Float64Array(LIMBS);
  for (let at = 0; at < blocks.length; at += 16) {
    addBlock(h, view, at, 1);
    multiply(h, r, product);
    const spare = h;
    h = product;
    product = spare;
  }
  const sum = (bigOf(h) % P) + keyed.getBigUint64(16, true) + (keyed.getBigUint64(24, true) << 64n);
  const tag = new DataView(new ArrayBuffer(16));
  tag.setBigUint64(0, sum, true);
  tag.setBigUint64(8, sum >> 64n, true);
  return new Uint8Array(tag.buffer);
};
