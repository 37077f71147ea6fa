import { toUtf8 } from '../utf8.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { pack, unpack } from './pack.ts';
import type { Area, Opened, Vault } from './vault.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Authenticated encryption under one key; the nonce travels in front. */
export interface Cipher {
  seal(plain: Bytes, boundTo: Bytes): Promise<Bytes> | Bytes;
  /** undefined: these bytes were not sealed under this key for this place. */
  open(sealed: Bytes, boundTo: Bytes): Promise<Bytes | undefined> | Bytes | undefined;
}

/** The keys of one user: the cache's apart, because it is shredded while the others are kept. */
export interface Keys {
  /** Names the key in the envelope, so that a lost key and a tampered value are told apart. */
  readonly ids: Readonly<Record<Area, string>>;
  readonly ciphers: Readonly<Record<Area, Cipher>>;
  readonly label: (name: Bytes) => Promise<string> | string;
}

export interface SealedVaultOptions {
  /** Bound into every seal, so that one user's value opens nowhere else. */
  readonly ownerText: string;
  readonly keys: Keys;
  readonly shred: (which: 'cache' | 'all') => Promise<void>;
}

const ENVELOPE = /^1\.([^.]+)\.(.*)$/s;
const TAMPERED: Opened = { ok: false, reason: 'tampered' };

const openText = async (cipher: Cipher, body: string, boundTo: Bytes): Promise<Opened> => {
  const sealed = fromBase64(body);
  const packed = sealed && (await cipher.open(sealed, boundTo));
  const text = packed && unpack(packed);
  return text === undefined ? TAMPERED : { ok: true, text };
};

/** The envelope and what it is bound to; which ciphers, and where their keys live, is the platform's. */
export const sealedVault = ({ ownerText, keys, shred }: SealedVaultOptions): Vault => {
  let held: Keys | undefined = keys;
  const mustHold = (): Keys => {
    if (held === undefined) throw new Error('the vault is locked: sign in again to open it');
    return held;
  };
  const boundTo = (area: Area, key: string): Bytes => toUtf8(`${ownerText}\n${area}\n${key}`);
  return {
    seal: async (area, key, text) => {
      const { ids, ciphers } = mustHold();
      const sealed = await ciphers[area].seal(pack(text), boundTo(area, key));
      return `1.${ids[area]}.${toBase64(sealed)}`;
    },
    open: async (area, key, sealed) => {
      const { ids, ciphers } = mustHold();
      const [, id, body] = ENVELOPE.exec(sealed) ?? [];
      if (id === undefined || body === undefined) return TAMPERED;
      if (id !== ids[area]) return { ok: false, reason: 'foreign' };
      return openText(ciphers[area], body, boundTo(area, key));
    },
    label: async (name) => mustHold().label(toUtf8(name)),
    lock: async () => {
      held = undefined;
      await shred('cache');
    },
    destroy: async () => {
      held = undefined;
      await shred('all');
    },
  };
};
