import { describe, expect, test } from 'vitest';
import { openClientStore } from '../../../src/client/storage/open-client-store.ts';
import type { AsyncStorageLike, ClientStoreOptions, SyncMeta } from '../../../src/client/storage/client-store.ts';
import type { Machine } from '../../support/storages/machine.ts';
import { models } from '../../support/storages/models.ts';
import { leadOf, page, unitOf, type Lead, type Outcome } from '../../support/storages/store-script.ts';
import { nativeVaults } from '../../support/storages/vaults.ts';

const OWNER = { workspaceId: 'canary-workspace', userId: 'canary-user' };
const OTHER = { workspaceId: 'canary-workspace', userId: 'canary-other' };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe.each(models)('a store over $name', (model) => {
  const phone = async () => {
    const machine = await model.create();
    const vaults = { owner: nativeVaults(OWNER), other: nativeVaults(OTHER) };
    const open = async (who: 'owner' | 'other' = 'owner', more: Partial<ClientStoreOptions<Lead>> = {}) => {
      const store = openClientStore<Lead, SyncMeta, Outcome>({
        storage: await machine.start(),
        platform: machine.platform,
        owner: who === 'owner' ? OWNER : OTHER,
        vault: await vaults[who](),
        journalMax: 4,
        ...more,
      });
      return { store, boot: await store.boot() };
    };
    return { machine, open };
  };

  test('begins empty', async () => {
    const { open } = await phone();
    const { boot } = await open();
    expect(boot).toEqual({
      units: [],
      acknowledgements: [],
      nextSeq: 1,
      records: [],
      meta: null,
      damage: [],
    });
  });

  test('finds again what it was given, in the order of the actions', async () => {
    const { open } = await phone();
    const { store } = await open();
    await Promise.all(range(1, 13).map((seq) => store.append(unitOf(seq, seq % 3 === 0 ? 4 : 1))));
    await store.acknowledge([{ seq: 2, outcomes: [{ status: 'accepted', position: 20 }] }]);
    await store.applyPage(page(1, [leadOf(1), leadOf(2)]));
    await store.values.set('setting', 'theme', 'dark');
    const { store: again, boot } = await open();
    expect(boot.units).toEqual(range(1, 13).map((seq) => unitOf(seq, seq % 3 === 0 ? 4 : 1)));
    expect(boot.acknowledgements).toEqual([{ seq: 2, outcomes: [{ status: 'accepted', position: 20 }] }]);
    expect(boot.nextSeq).toBe(13);
    expect(boot.records).toEqual([leadOf(1), leadOf(2)]);
    expect(boot.meta).toEqual({ cursor: 'cursor-1', through: 1 });
    expect(await again.values.get('setting', 'theme')).toBe('dark');
    expect(await again.values.get('draft', 'theme')).toBeUndefined();
  });

  test('keeps a unit, a record and a draft that are too long for one key', async () => {
    const { open } = await phone();
    const { store } = await open();
    const unit = unitOf(1, 40, 14_000);
    await store.append(unit);
    await store.applyPage(
      page(
        1,
        range(1, 9).map((n) => leadOf(n, 1, 60_000)),
      ),
    );
    await store.values.set('draft', 'photo', leadOf(9, 1, 500_000));
    const { store: again, boot } = await open();
    expect(boot.units).toEqual([unit]);
    expect(boot.records).toEqual(range(1, 9).map((n) => leadOf(n, 1, 60_000)));
    expect(await again.values.get('draft', 'photo')).toEqual(leadOf(9, 1, 500_000));
  });

  test('takes the newest of a record through merges, and does not bring back what left', async () => {
    const { open } = await phone();
    const { store } = await open();
    const last = new Map<string, Lead>();
    for (const position of range(1, 40)) {
      const puts = range(1, 6).map((i) => leadOf((position * 7 + i * 3) % 30, position));
      const left = (position * 11) % 30;
      await store.applyPage(page(position, puts, [left]));
      last.delete(leadOf(left).id);
      for (const record of puts) last.set(record.id, record);
    }
    await store.close();
    const { boot } = await open();
    expect(new Map(boot.records.map((record) => [record.id, record]))).toEqual(last);
    expect(boot.meta?.cursor).toBe('cursor-39');
  });

  test('never shows one user what another did, and gives it back when they return', async () => {
    const { open } = await phone();
    const { store } = await open('owner');
    await store.append(unitOf(1));
    const { store: others, boot: foreign } = await open('other');
    expect(foreign).toMatchObject({ units: [], records: [], damage: [] });
    await others.append(unitOf(7));
    await others.wipe('all');
    const { boot } = await open('owner');
    expect(boot.units).toEqual([unitOf(1)]);
  });

  test('reports how many unsent events a wipe destroyed, and leaves nothing', async () => {
    const { machine, open } = await phone();
    const { store } = await open();
    for (const unit of [unitOf(1, 3), unitOf(2), unitOf(3)]) await store.append(unit);
    await store.acknowledge([{ seq: 2, outcomes: [{ status: 'accepted', position: 1 }] }]);
    await store.applyPage(page(1, [leadOf(1)]));
    expect(await store.wipe('all')).toBe(4);
    expect(await machine.dump()).not.toContain('lz.');
  });

  test('reports a tampered, a moved and a lost value, and shows the rest', async () => {
    const { machine, open } = await phone();
    const { store } = await open();
    for (const seq of range(1, 6)) await store.append(unitOf(seq));
    await store.values.set('draft', 'form', { name: 'Ada' });
    let third = '';
    await machine.tamper((key, value) => {
      if (key.endsWith('.o.3')) third = value;
      return value;
    });
    await machine.tamper((key, value) => {
      if (key.endsWith('.o.2')) return `${value.slice(0, 60)}${value[60] === 'A' ? 'B' : 'A'}${value.slice(61)}`;
      if (key.endsWith('.o.4')) return third;
      return value;
    });
    const { store: again, boot } = await open();
    expect(boot.units).toEqual([unitOf(1), unitOf(3), unitOf(5)]);
    expect(boot.damage.map(({ area, reason, seq }) => [area, reason, seq])).toEqual([
      ['outbox', 'tampered', 2],
      ['outbox', 'tampered', 4],
    ]);
    expect(boot.nextSeq).toBe(6);
    await again.remove([2, 4]);
    expect((await open()).boot.damage).toEqual([]);
  });

  test('begins to sync anew where a part of the cache is damaged, with the rest on view', async () => {
    const { machine, open } = await phone();
    const { store } = await open();
    for (const n of range(1, 7)) await store.applyPage(page(n, [leadOf(n)]));
    await store.close();
    await machine.tamper((key, value) => (key.endsWith('.s.2') ? value.slice(0, 90) : value));
    const { store: again, boot } = await open();
    expect(boot.meta).toBeNull();
    expect(boot.damage).toMatchObject([{ area: 'cache', reason: 'tampered' }]);
    expect(boot.records).toEqual([1, 3, 4, 5, 6].map((n) => leadOf(n)));
    await again.applyPage(page(9, [leadOf(2)]));
    expect((await open()).boot).toMatchObject({ damage: [], meta: { cursor: 'cursor-9' } });
  });

  test('makes room for an edit by giving up what was least used, never what is pinned or edited', async () => {
    const { machine, open } = await phone();
    const gone: string[] = [];
    const { store } = await open('owner', {
      isPinned: ({ id }) => id === leadOf(1).id,
      onEvicted: (ids) => void gone.push(...ids),
    });
    for (const n of range(1, 9)) await store.applyPage(page(n, [leadOf(n * 2 - 1), leadOf(n * 2)]));
    await store.close();
    store.touch([leadOf(2).id]);
    // About lead 3.
    machine.fuse.fillDisk();
    expect(await store.append(unitOf(3))).toEqual({ ok: true, value: undefined });
    const { boot } = await open();
    expect(boot.units).toEqual([unitOf(3)]);
    expect(gone.length).toBeGreaterThan(0);
    expect(boot.records.map(({ id }) => id).toSorted()).toEqual(
      range(1, 17)
        .map((n) => leadOf(n).id)
        .filter((id) => !gone.includes(id)),
    );
    for (const n of [1, 2, 3]) expect(gone).not.toContain(leadOf(n).id);
  });

  test('refuses an edit that finds no room, says so, and keeps no trace of it', async () => {
    const { machine, open } = await phone();
    const { store } = await open();
    await store.append(unitOf(1));
    machine.fuse.fillDisk();
    const refused = await store.append(unitOf(2));
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage_full' } });
    expect((await open()).boot.units).toEqual([unitOf(1)]);
  });

  test('has no plaintext on disk', async () => {
    const { machine, open } = await phone();
    const { store } = await open();
    await store.append(unitOf(1, 20, 14_000));
    for (const n of range(1, 7)) await store.applyPage(page(n, [leadOf(n)]));
    await store.values.set('draft', 'canary-form', { name: 'canary-draft' });
    await store.close();
    const dump = await machine.dump();
    expect(dump).toContain('lz.');
    expect(dump).not.toMatch(/canary-|LeadDetailsChanged|cursor-|01970000-|"name"/);
  });
});

test('the storage may be given as version 3, as version 2 or as single items', async () => {
  const machine: Machine = await (models[0] as (typeof models)[number]).create();
  const scoped = await machine.start();
  const one = typeof scoped === 'function' ? scoped('any') : scoped;
  const plain: AsyncStorageLike = {
    getItem: (key) => one.getItem(key),
    setItem: (key, value) => one.setItem(key, value),
    removeItem: (key) => one.removeItem(key),
    getAllKeys: () => one.getAllKeys(),
  };
  const vaults = nativeVaults(OWNER);
  const open = async (storage: AsyncStorageLike) =>
    openClientStore<Lead>({ storage, owner: OWNER, vault: await vaults() });
  const store = await open(plain);
  await store.boot();
  await store.append(unitOf(1));
  expect((await (await open(one)).boot()).units).toEqual([unitOf(1)]);
});
