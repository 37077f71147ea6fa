import { describe, expect, test } from 'vitest';
import { openClientStore } from '../../../src/client/storage/open-client-store.ts';
import { fromBase64, toBase64 } from '../../../src/client/vault/base64.ts';
import { openNativeVault } from '../../../src/client/vault/native-vault.ts';
import { models } from '../../support/storages/models.ts';
import { leadOf, page, unitOf, type Lead } from '../../support/storages/store-script.ts';
import { memoryKeyBox, memorySecrets, nativeVaults, randomBytes, webVaults } from '../../support/storages/vaults.ts';

const OWNER = { workspaceId: 'workspace', userId: 'user' };
const OTHER = { workspaceId: 'workspace', userId: 'other' };

const kinds = [
  { name: 'XChaCha20-Poly1305 under a keychain', vaultsOf: () => keychain() },
  { name: 'AES-GCM under keys that cannot be exported', vaultsOf: () => browser() },
];
const keychain = () => {
  const secrets = memorySecrets();
  return { kept: secrets.kept, own: nativeVaults(OWNER, secrets), other: nativeVaults(OTHER, secrets) };
};
const browser = () => {
  const kept = new Map();
  const keys = memoryKeyBox(kept);
  return { kept, own: webVaults(OWNER, keys), other: webVaults(OTHER, keys) };
};

describe.each(kinds)('a vault of $name', ({ vaultsOf }) => {
  test('opens what it sealed, also when it was opened anew', async () => {
    const { own } = vaultsOf();
    const sealed = await (await own()).seal('outbox', 'key', 'Ada Lovelace');
    expect(sealed).not.toContain('Ada');
    expect(await (await own()).open('outbox', 'key', sealed)).toEqual({ ok: true, text: 'Ada Lovelace' });
  });

  test('seals the same twice differently', async () => {
    const vault = await vaultsOf().own();
    expect(await vault.seal('outbox', 'key', 'Ada')).not.toBe(await vault.seal('outbox', 'key', 'Ada'));
  });

  test('opens nothing under another key, in another area or with a bit changed', async () => {
    const vault = await vaultsOf().own();
    const sealed = await vault.seal('outbox', 'key', 'Ada');
    const tampered = { ok: false, reason: 'tampered' };
    expect(await vault.open('outbox', 'other key', sealed)).toEqual(tampered);
    expect(await vault.open('value', 'key', sealed)).toEqual(tampered);
    for (let at = sealed.lastIndexOf('.') + 1; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      // The last letter may carry bits that belong to no byte.
      if (at < sealed.length - 1) expect(await vault.open('outbox', 'key', changed)).toEqual(tampered);
    }
    expect(await vault.open('outbox', 'key', sealed.slice(0, -8))).toEqual(tampered);
    expect(await vault.open('outbox', 'key', 'not ours at all')).toEqual(tampered);
  });

  test('calls what another user sealed foreign', async () => {
    const { own, other } = vaultsOf();
    const sealed = await (await other()).seal('outbox', 'key', 'Ada');
    expect(await (await own()).open('outbox', 'key', sealed)).toEqual({ ok: false, reason: 'foreign' });
  });

  test('shreds the cache when it is locked, and opens the outbox for the same user later', async () => {
    const { own } = vaultsOf();
    const vault = await own();
    const outbox = await vault.seal('outbox', 'key', 'Ada');
    const cache = await vault.seal('cache', 'key', 'Ada');
    await vault.lock();
    await expect(vault.open('outbox', 'key', outbox)).rejects.toThrow('locked');
    const again = await own();
    expect(await again.open('outbox', 'key', outbox)).toEqual({ ok: true, text: 'Ada' });
    expect(await again.open('cache', 'key', cache)).toEqual({ ok: false, reason: 'foreign' });
  });

  test('destroys every key of its user and of no other', async () => {
    const { kept, own, other } = vaultsOf();
    await other();
    const before = kept.size;
    const vault = await own();
    const sealed = await vault.seal('outbox', 'key', 'Ada');
    await vault.destroy();
    expect(kept.size).toBe(before);
    expect(await (await own()).open('outbox', 'key', sealed)).toEqual({ ok: false, reason: 'foreign' });
  });

  test('makes the same label of a name each time, and another one for another user', async () => {
    const { own, other } = vaultsOf();
    const label = await (await own()).label('draft/lead-form');
    expect(label).toMatch(/^[0-9a-f]{16}$/);
    expect(await (await own()).label('draft/lead-form')).toBe(label);
    expect(await (await other()).label('draft/lead-form')).not.toBe(label);
  });

  test('gives a store its outbox back after a time-out, without the cache', async () => {
    const { own } = vaultsOf();
    const machine = await (models[0] as (typeof models)[number]).create();
    const open = async () => {
      const vault = await own();
      const store = openClientStore<Lead>({ storage: await machine.start(), owner: OWNER, vault });
      return { vault, store, boot: await store.boot() };
    };
    const { vault, store } = await open();
    await store.append(unitOf(1));
    await store.applyPage(page(1, [leadOf(1)]));
    await store.values.set('draft', 'form', 'half a lead');
    await store.close();
    await vault.lock();
    const { store: again, boot } = await open();
    expect(boot).toMatchObject({ units: [unitOf(1)], records: [], meta: null });
    expect(await again.values.get('draft', 'form')).toBe('half a lead');
    await again.applyPage(page(2, [leadOf(2)]));
    expect((await open()).boot).toMatchObject({ records: [leadOf(2)], damage: [] });
  });
});

test('a keychain that does not keep keys is found out before anything is sealed', async () => {
  const secrets = { ...memorySecrets(), setItem: async () => undefined };
  await expect(openNativeVault({ secrets, owner: OWNER, randomBytes })).rejects.toThrow('did not keep a key');
});

test('base64 of any length comes back, and what is not base64 is refused', () => {
  for (let length = 0; length < 70; length++) {
    const bytes = randomBytes(length);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64').replace(/=+$/, ''));
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  }
  for (const text of ['A', 'AB!C', 'ABCDE', 'ä', 'AB=='] as const) expect(fromBase64(text)).toBeUndefined();
});
