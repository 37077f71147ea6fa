import { toUtf8 } from '../utf8.ts';
import { ownerTag, ownerText } from './owner.ts';
import { sealedVault, type Cipher, type Keys } from './sealed-vault.ts';
import type { Vault } from './vault.ts';
import { word } from './word.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What is used of `crypto.subtle`. A key is whatever the platform calls one. */
export interface SubtlePort {
  importKey(format: 'raw', key: Bytes, algorithm: 'HKDF', extractable: boolean, uses: 'deriveKey'[]): Promise<unknown>;
  deriveKey(how: object, from: unknown, to: object, extractable: boolean, uses: KeyUse[]): Promise<unknown>;
  encrypt(how: object, key: unknown, plain: Bytes): Promise<ArrayBuffer>;
  decrypt(how: object, key: unknown, sealed: Bytes): Promise<ArrayBuffer>;
  sign(how: 'HMAC', key: unknown, data: Bytes): Promise<ArrayBuffer>;
}
type KeyUse = 'encrypt' | 'decrypt' | 'sign';

/** A key as it is kept: `key` never leaves the browser's own memory. */
export interface KeptKey {
  readonly id: string;
  readonly key: unknown;
}

/** Where a browser keeps keys that scripts cannot read. */
export interface KeyBox {
  /** Keeps the key unless there is one already; answers the one that is there. Two tabs get the same. */
  keep(name: string, fresh: KeptKey): Promise<KeptKey>;
  get(name: string): Promise<KeptKey | undefined>;
  remove(name: string): Promise<void>;
}

export interface WebVaultOptions {
  readonly subtle: SubtlePort;
  readonly keys: KeyBox;
  readonly owner: { readonly workspaceId: string; readonly userId: string };
  readonly randomBytes: (count: number) => Bytes;
}

// Random nonces of 96 bits are safe for 2^32 values a key; a phone writes that many in no lifetime.
const NONCE_BYTES = 12;
const KEY_BYTES = 32;

const cipherOf = ({ subtle, randomBytes }: WebVaultOptions, key: unknown): Cipher => ({
  seal: async (plain, boundTo) => {
    const iv = randomBytes(NONCE_BYTES);
    const body = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo }, key, plain);
    const sealed = new Uint8Array(NONCE_BYTES + body.byteLength);
    sealed.set(iv);
    sealed.set(new Uint8Array(body), NONCE_BYTES);
    return sealed;
  },
  open: async (sealed, boundTo) => {
    const how = { name: 'AES-GCM', iv: sealed.subarray(0, NONCE_BYTES), additionalData: boundTo };
    try {
      return new Uint8Array(await subtle.decrypt(how, key, sealed.subarray(NONCE_BYTES)));
    } catch {
      return undefined;
    }
  },
});

const keysOf = async (options: WebVaultOptions, kept: KeptKey, cache: KeptKey): Promise<Keys> => {
  const { subtle, owner } = options;
  const how = (purpose: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: toUtf8(ownerText(owner)),
    info: toUtf8(purpose),
  });
  const cipher = async (root: KeptKey, purpose: string): Promise<Cipher> => {
    const to = { name: 'AES-GCM', length: 8 * KEY_BYTES };
    return cipherOf(options, await subtle.deriveKey(how(purpose), root.key, to, false, ['encrypt', 'decrypt']));
  };
  const toSign = { name: 'HMAC', hash: 'SHA-256', length: 8 * KEY_BYTES };
  const labels = await subtle.deriveKey(how('label'), kept.key, toSign, false, ['sign']);
  return {
    ids: { outbox: kept.id, value: kept.id, cache: cache.id },
    ciphers: {
      outbox: await cipher(kept, 'outbox'),
      value: await cipher(kept, 'value'),
      cache: await cipher(cache, 'cache'),
    },
    label: async (name) => word(new Uint8Array(await subtle.sign('HMAC', labels, name))),
  };
};

/**
 * AES-256-GCM of WebCrypto, under keys that cannot be exported: a copied disk is useless without this browser. It does
 * not protect from a script that runs in the page, which may ask for decryption like the SDK does.
 */
export const openWebVault = async (options: WebVaultOptions): Promise<Vault> => {
  const { subtle, keys, owner, randomBytes } = options;
  const names = { kept: `${ownerTag(owner)}.kept`, cache: `${ownerTag(owner)}.cache` };
  const root = async (name: string): Promise<KeptKey> => {
    const known = await keys.get(name);
    if (known !== undefined) return known;
    const key = await subtle.importKey('raw', randomBytes(KEY_BYTES), 'HKDF', false, ['deriveKey']);
    return keys.keep(name, { id: word(randomBytes(KEY_BYTES)), key });
  };
  return sealedVault({
    ownerText: ownerText(owner),
    keys: await keysOf(options, await root(names.kept), await root(names.cache)),
    shred: async (which) => {
      await keys.remove(names.cache);
      if (which === 'all') await keys.remove(names.kept);
    },
  });
};
