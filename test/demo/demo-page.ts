import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const SHOTS = join(import.meta.dirname, 'screenshots');
const PATIENCE = { timeout: 15_000, interval: 50 };

/** The demo's page, in the words of somebody who uses it. */
export interface DemoPage {
  readonly page: Page;
  phone(name: string): PhoneOnPage;
  /** Lines of the log whose text matches. */
  log(text: string | RegExp): Locator;
  choose(scene: string): Promise<void>;
  /** Plays so many steps; the caption of the last one. */
  play(steps: number): Promise<string>;
  shoot(name: string): Promise<void>;
}

export interface PhoneOnPage {
  readonly screen: Locator;
  open(tab: 'Deals' | 'Leads' | 'Inbox'): Promise<void>;
  /** Throws the airplane switch. */
  toggleAirplane(): Promise<void>;
  /** The row of a record. */
  row(name: string): Locator;
  card(name: RegExp): Locator;
}

const phoneOn = (page: Page, name: string): PhoneOnPage => {
  const screen = page.getByRole('region', { name: `${name}'s phone` });
  return {
    screen,
    open: (tab) => screen.getByRole('navigation').getByRole('button', { name: tab }).click(),
    toggleAirplane: () => screen.getByRole('switch').click(),
    row: (record) => screen.locator(`[data-record="${record}"]`),
    card: (about) => screen.getByRole('article', { name: about }),
  };
};

export const demoPageOf = (page: Page): DemoPage => {
  const caption = page.getByTestId('caption');
  const playOne = async (): Promise<void> => {
    const done = await page.locator('.steps [data-state=done]').count();
    const total = await page.locator('.steps li').count();
    await page.getByRole('button', { name: /^(Begin|Next step|Play again)$/ }).click();
    const expected = done === total ? 1 : done + 1;
    await expect.poll(() => page.locator('.steps [data-state=done]').count(), PATIENCE).toBe(expected);
  };
  return {
    page,
    phone: (name) => phoneOn(page, name),
    log: (text) =>
      page.getByRole('region', { name: "The server's log" }).getByRole('listitem').filter({ hasText: text }),
    choose: (scene) =>
      page.getByRole('navigation', { name: 'Choose a scene' }).getByRole('button', { name: scene }).click(),
    play: async (steps) => {
      for (let step = 0; step < steps; step += 1) await playOne();
      return (await caption.textContent()) ?? '';
    },
    shoot: async (name) => {
      await page.screenshot({ path: join(SHOTS, `${name}.png`) });
    },
  };
};

/** Waits until something is to be seen. */
export const expectSeen = async (locator: Locator): Promise<void> => {
  await expect.poll(() => locator.first().isVisible(), PATIENCE).toBe(true);
};
/** Waits until nothing of it is to be seen. */
export const expectUnseen = async (locator: Locator): Promise<void> => {
  await expect.poll(() => locator.count(), PATIENCE).toBe(0);
};
export const expectText = async (locator: Locator, text: string | RegExp): Promise<void> => {
  await expect.poll(() => locator.textContent(), PATIENCE).toMatch(text);
};
