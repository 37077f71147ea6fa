import { toHex } from '../hash/hex.ts';

const BYTES = 8;

/** Sixteen letters and digits of a hash: fit for a key of any keychain, storage or file system. */
export const word = (hash: Uint8Array): string => toHex(hash.subarray(0, BYTES));
