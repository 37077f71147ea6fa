import { KEY_BYTES, NONCE_BYTES, open, seal } from '../cipher/xchacha20-poly1305.ts';
import { hkdf, hmac } from '../hash/hmac.ts';
import { toUtf8 } from '../utf8.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { ownerTag, ownerText } from './owner.ts';
import { sealedVault, type Cipher, type Keys } from './sealed-vault.ts';
import type { Vault } from './vault.ts';
import { word } from './word.ts';

/** Keychain or Keystore. */
interface Secrets {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

export interface NativeVaultOptions {
  readonly secrets: Secrets;
  readonly owner: { readonly workspaceId: string; readonly userId: string };
  /** Cryptographically random: `crypto.getRandomValues`, or react-native-get-random-values. */
  readonly randomBytes: (count: number) => Uint8Array<ArrayBuffer>;
}

interface Root {
  readonly id: string;
  readonly key: Uint8Array<ArrayBuffer>;
}

const ROOT = /^1\.([0-9a-f]{16})\.([A-Za-z0-9+/]{43})$/;

const readRoot = async (secrets: Secrets, name: string): Promise<Root | undefined> => {
  const [, id, body] = ROOT.exec((await secrets.getItem(name)) ?? '') ?? [];
  const key = body === undefined ? undefined : fromBase64(body);
  return id === undefined || key === undefined ? undefined : { id, key };
};

/** Read back before anything is sealed under it: a keychain that only says it kept a key would cost the outbox. */
const makeRoot = async ({ secrets, randomBytes }: NativeVaultOptions, name: string): Promise<Root> => {
  await secrets.setItem(name, `1.${word(randomBytes(KEY_BYTES))}.${toBase64(randomBytes(KEY_BYTES))}`);
  const kept = await readRoot(secrets, name);
  if (kept === undefined) throw new Error('the secrets port did not keep a key: setItem and getItem must agree');
  return kept;
};

const cipherOf = (key: Uint8Array, randomBytes: NativeVaultOptions['randomBytes']): Cipher => ({
  // Its nonce is long enough to be random for each value: no counter that a crash or a restored backup could set back.
  seal: (plain, boundTo) => seal(key, randomBytes(NONCE_BYTES), boundTo, plain),
  open: (sealed, boundTo) => open(key, boundTo, sealed),
});

const keysOf = (kept: Root, cache: Root, options: NativeVaultOptions): Keys => {
  const salt = toUtf8(ownerText(options.owner));
  const subKey = (root: Root, purpose: string): Uint8Array => hkdf(root.key, salt, toUtf8(purpose));
  const cipher = (root: Root, purpose: string): Cipher => cipherOf(subKey(root, purpose), options.randomBytes);
  const labels = subKey(kept, 'label');
  return {
    ids: { outbox: kept.id, value: kept.id, cache: cache.id },
    ciphers: { outbox: cipher(kept, 'outbox'), value: cipher(kept, 'value'), cache: cipher(cache, 'cache') },
    label: (name) => word(hmac(labels, name)),
  };
};

/**
 * XChaCha20-Poly1305 in JavaScript, for engines without WebCrypto. Two root keys a user in the keychain: the one that is
 * kept opens the outbox and the values, the other one only the cache, so that destroying it shreds the cache alone.
 */
export const openNativeVault = async (options: NativeVaultOptions): Promise<Vault> => {
  const { secrets, owner } = options;
  const names = { kept: `leadzen.${ownerTag(owner)}.kept`, cache: `leadzen.${ownerTag(owner)}.cache` };
  const root = async (name: string): Promise<Root> =>
    (await readRoot(secrets, name)) ?? (await makeRoot(options, name));
  return sealedVault({
    ownerText: ownerText(owner),
    keys: keysOf(await root(names.kept), await root(names.cache), options),
    shred: async (which) => {
      await secrets.removeItem(names.cache);
      if (which === 'all') await secrets.removeItem(names.kept);
    },
  });
};
