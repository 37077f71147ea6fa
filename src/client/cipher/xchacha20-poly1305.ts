import { chacha20, hchacha20, wordsOf } from './chacha20.ts';
import { poly1305 } from './poly1305.ts';

const TAG_BYTES = 16;
export const NONCE_BYTES = 24;
export const KEY_BYTES = 32;

interface Opener {
  readonly key: Int32Array;
  /** Counter and nonce of a block. */
  readonly tail: (counter: number) => Int32Array;
}

/** The first part of the nonce makes a key of its own, the rest is ChaCha20's (draft-irtf-cfrg-xchacha, section 2.3). */
const openerOf = (key: Uint8Array, nonce: Uint8Array): Opener => {
  const words = wordsOf(nonce);
  return {
    key: hchacha20(wordsOf(key), words.subarray(0, 4)),
    tail: (counter) => Int32Array.of(counter, 0, ...words.subarray(4)),
  };
};

const wholeBlocks = (length: number): number => Math.ceil(length / 16) * 16;

/** Over what it is bound to, the ciphertext and the lengths of both (RFC 8439, section 2.8). */
const tagOf = ({ key, tail }: Opener, boundTo: Uint8Array, body: Uint8Array): Uint8Array => {
  const blocks = new Uint8Array(wholeBlocks(boundTo.length) + wholeBlocks(body.length) + 16);
  blocks.set(boundTo);
  blocks.set(body, wholeBlocks(boundTo.length));
  const lengths = new DataView(blocks.buffer, blocks.length - 16);
  lengths.setUint32(0, boundTo.length, true);
  lengths.setUint32(8, body.length, true);
  return poly1305(chacha20(key, tail(0), new Uint8Array(32)), blocks);
};

/** The nonce, the ciphertext and its tag. */
export const seal = (
  key: Uint8Array,
  nonce: Uint8Array,
  boundTo: Uint8Array,
  plain: Uint8Array,
): Uint8Array<ArrayBuffer> => {
  const opener = openerOf(key, nonce);
  const body = chacha20(opener.key, opener.tail(1), plain);
  const sealed = new Uint8Array(NONCE_BYTES + body.length + TAG_BYTES);
  sealed.set(nonce);
  sealed.set(body, NONCE_BYTES);
  sealed.set(tagOf(opener, boundTo, body), NONCE_BYTES + body.length);
  return sealed;
};

/** undefined for what was not sealed under this key and bound to this. */
export const open = (key: Uint8Array, boundTo: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined => {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const opener = openerOf(key, sealed.subarray(0, NONCE_BYTES));
  const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  const claimed = sealed.subarray(-TAG_BYTES);
  // All of it is compared, so that time does not tell how far a forger has come.
  const difference = tagOf(opener, boundTo, body).reduce((sum, byte, at) => sum | (byte ^ (claimed[at] as number)), 0);
  return difference === 0 ? chacha20(opener.key, opener.tail(1), body) : undefined;
};
