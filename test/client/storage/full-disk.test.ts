import { describe, expect, test } from 'vitest';
import { openClientStore } from '../../../src/client/storage/open-client-store.ts';
import { androidLegacy } from '../../support/storages/android-legacy.ts';
import { leadOf, page, unitOf, type Lead } from '../../support/storages/store-script.ts';
import { nativeVaults } from '../../support/storages/vaults.ts';

const OWNER = { workspaceId: 'workspace', userId: 'user' };
const PINNED = new Set([leadOf(0).id, leadOf(1).id]);

describe('the 6 MB of version 2 on Android', () => {
  const phone = async () => {
    const machine = await androidLegacy.create();
    const vaults = nativeVaults(OWNER);
    const gone = new Set<string>();
    const open = async () => {
      const store = openClientStore<Lead>({
        storage: await machine.start(),
        owner: OWNER,
        vault: await vaults(),
        journalMax: 4,
        isPinned: ({ id }) => PINNED.has(id),
        recencyOf: ({ version }) => String(version).padStart(6, '0'),
        onEvicted: (ids) => {
          for (const id of ids) gone.add(id);
        },
      });
      return { store, boot: await store.boot() };
    };
    return { open, gone };
  };

  test('hold a first sync of twice their size: the oldest goes, open work and every edit stay', async () => {
    const { open, gone } = await phone();
    const { store } = await open();
    const pages = 150;
    for (let n = 0; n < pages; n++) {
      const applied = await store.applyPage(page(n, [leadOf(2 * n, n, 40_000), leadOf(2 * n + 1, n, 40_000)]));
      expect(applied).toEqual({ ok: true, value: undefined });
      if (n % 10 === 0) expect(await store.append(unitOf(n + 1, 1, 5000))).toMatchObject({ ok: true });
    }
    await store.close();
    const { boot } = await open();
    expect(boot).toMatchObject({ damage: [], meta: { cursor: `cursor-${pages - 1}` } });
    expect(boot.units).toHaveLength(pages / 10);
    const kept = new Set(boot.records.map(({ id }) => id));
    for (const id of PINNED) expect(kept).toContain(id);
    expect(kept).toContain(leadOf(2 * pages - 1).id);
    expect(kept.size).toBeGreaterThan(60);
    expect(kept.size + gone.size).toBe(2 * pages);
  });

  test('refuse an edit once the outbox has filled them, lose none before it, and take one again after a removal', async () => {
    const { open } = await phone();
    const { store } = await open();
    const accepted: number[] = [];
    let refusal: unknown;
    for (let seq = 1; refusal === undefined; seq++) {
      const result = await store.append(unitOf(seq, 10, 14_000));
      if (result.ok) accepted.push(seq);
      else refusal = result.error;
    }
    expect(refusal).toMatchObject({ code: 'storage_full' });
    expect(accepted.length).toBeGreaterThan(30);
    const { store: again, boot } = await open();
    expect(boot.units.map(({ seq }) => seq)).toEqual(accepted);
    await again.remove([1]);
    expect(await again.append(unitOf(boot.nextSeq, 5))).toMatchObject({ ok: true });
  });
});
