import { sha256 } from './sha256.ts';

const BLOCK_BYTES = 64;

/** HMAC-SHA-256 (RFC 2104). */
export const hmac = (key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
  const keyed = (pad: number, text: Uint8Array): Uint8Array<ArrayBuffer> => {
    const joined = new Uint8Array(BLOCK_BYTES + text.length);
    joined.set(block.map((byte) => byte ^ pad));
    joined.set(text, BLOCK_BYTES);
    return sha256(joined);
  };
  return keyed(0x5c, keyed(0x36, message));
};

/** HKDF-SHA-256 (RFC 5869) for a key of at most 32 bytes, so that one round of expansion does. */
export const hkdf = (secret: Uint8Array, salt: Uint8Array, purpose: Uint8Array): Uint8Array<ArrayBuffer> =>
  hmac(hmac(salt, secret), Uint8Array.of(...purpose, 1));
