import { openNativeVault } from '../../../src/client/vault/native-vault.ts';
import { openWebVault, type KeptKey, type SubtlePort } from '../../../src/client/vault/web-vault.ts';
import type { Vault } from '../../../src/client/vault/vault.ts';

export interface Owner {
  readonly workspaceId: string;
  readonly userId: string;
}

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));

/** A keychain that outlives the process. */
export const memorySecrets = (kept = new Map<string, string>()) => ({
  kept,
  getItem: async (key: string) => kept.get(key) ?? null,
  setItem: async (key: string, value: string) => void kept.set(key, value),
  removeItem: async (key: string) => void kept.delete(key),
});

/** A browser's key box without its disk. */
export const memoryKeyBox = (kept = new Map<string, KeptKey>()) => ({
  get: async (name: string) => kept.get(name),
  keep: async (name: string, fresh: KeptKey) => {
    if (!kept.has(name)) kept.set(name, fresh);
    return kept.get(name) ?? fresh;
  },
  remove: async (name: string) => void kept.delete(name),
});

/** Opens the same keychain again and again. */
export const nativeVaults =
  (owner: Owner, secrets = memorySecrets()) =>
  (): Promise<Vault> =>
    openNativeVault({ secrets, owner, randomBytes });

export const webVaults =
  (owner: Owner, keys = memoryKeyBox()) =>
  (): Promise<Vault> =>
    openWebVault({ subtle: crypto.subtle as SubtlePort, keys, owner, randomBytes });

/** Neither packs nor seals: where only the layout is looked at, the rest would be most of the time. */
export const bareVault: Vault = {
  seal: async (_area, _key, text) => text,
  open: async (_area, _key, text) => ({ ok: true, text }),
  label: async (name) => name.replaceAll(/\W/g, '-'),
  lock: async () => {},
  destroy: async () => {},
};
