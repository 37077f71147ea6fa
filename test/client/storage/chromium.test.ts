import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../support/storages/browser-page.ts';
import { startBrowser, type Browser } from '../../support/storages/browser.ts';
import { leadOf, unitOf } from '../../support/storages/store-script.ts';

const CHROMIUM = '/usr/bin/chromium';
// In CI its absence is a failure; whoever has just cloned the project may not have it.
const isWanted = process.env['CI'] === 'true' || existsSync(CHROMIUM);
if (!isWanted) process.stdout.write(`no ${CHROMIUM}: the real AsyncStorage was not tested\n`);

const backends: readonly { readonly name: Backend }[] = [{ name: 'IndexedDB' }, { name: 'localStorage' }];

describe.runIf(isWanted)('the real AsyncStorage in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM);
  }, 60_000);
  afterAll(() => browser.stop());

  test.each(backends)(
    'loses nothing in $name wherever the page dies',
    async ({ name }) => {
      const { points, inRecovery, problems } =
        name === 'IndexedDB'
          ? await browser.run((page) => page.crashes('IndexedDB'))
          : await browser.run((page) => page.crashes('localStorage'));
      process.stdout.write(`crash points, Chromium ${name}: ${points}, and ${inRecovery} in the boots after them\n`);
      expect(problems).toEqual([]);
      expect(points).toBeGreaterThan(100);
    },
    240_000,
  );

  test('keeps everything sealed over a restart of the browser, under keys that no script can export', async () => {
    await browser.run((page) => page.fill('IndexedDB'));
    await browser.run((page) => page.fill('localStorage'));
    await browser.restart();
    const looks = [
      await browser.run((page) => page.look('IndexedDB')),
      await browser.run((page) => page.look('localStorage')),
    ];
    for (const { found, dump } of looks) {
      expect(found).toMatchObject({ units: [unitOf(1, 3, 400)], records: [leadOf(1), leadOf(2)], damage: [] });
      expect(dump).toContain('lz.');
      expect(dump).not.toMatch(/canary-|LeadDetailsChanged|cursor-|01970000-/);
    }
    expect(await browser.run((page) => page.canExportKeys())).toBe(false);
  }, 60_000);
});
