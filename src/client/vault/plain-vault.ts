import { sha256 } from '@noble/hashes/sha2.js';
import { strToU8 } from 'fflate';
import { fromBase64, toBase64 } from './base64.ts';
import { pack, unpack } from './pack.ts';
import type { Vault } from './vault.ts';
import { word } from './word.ts';

const PREFIX = '0.';

/** For an app that has no keychain to offer: packs, and seals nothing. */
export const plainVault: Vault = {
  seal: async (_area, _key, text) => PREFIX + toBase64(pack(text)),
  open: async (_area, _key, sealed) => {
    if (!sealed.startsWith(PREFIX)) return { ok: false, reason: 'foreign' };
    const packed = fromBase64(sealed.slice(PREFIX.length));
    const text = packed && unpack(packed);
    return text === undefined ? { ok: false, reason: 'tampered' } : { ok: true, text };
  },
  label: async (name) => word(sha256(strToU8(name))),
  lock: async () => {},
  destroy: async () => {},
};
