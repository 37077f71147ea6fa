import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../scripts/demo/start-demo.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openBrowser, type Browser } from './browser.ts';
import { demoPageOf, expectSeen, expectText, expectUnseen, type DemoPage } from './demo-page.ts';

let database: TestDatabase;
let demo: Demo;
let browser: Browser;
let on: DemoPage;

beforeAll(async () => {
  database = await openTestDatabase();
  demo = await startDemo({ port: 0, databaseUrl: database.url });
  browser = await openBrowser();
  on = demoPageOf(browser.page);
  await browser.page.goto(demo.address);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await demo?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

const expectEqualPhones = (): Promise<void> => expectText(on.page.getByTestId('equality'), /Both phones hold the same/);

// One story, told from its beginning: each scene starts where the one before ended.
describe('the demo', () => {
  test('shows two phones that hold the same, and the log of how it came about', async () => {
    for (const phone of [on.phone('Ada Brandt'), on.phone('Ben Okafor')])
      await expectSeen(phone.row('Cold-chain sensors'));
    await expectEqualPhones();
    await expectSeen(on.log(/Lucia Ferri created/));
    await on.shoot('0-opening');
  });

  test('lets a record be edited by hand without a network, through a reload of the page, and back', async () => {
    const ben = on.phone('Ben Okafor');
    await ben.toggleAirplane();
    await ben.row('Kiln monitoring pilot').click();
    await ben.screen.getByLabel('Amount (EUR)').fill('11,250');
    await ben.screen.getByRole('button', { name: 'Save' }).click();
    await expectText(ben.row('Kiln monitoring pilot'), /€11,250.*(saved|queued)/);
    await expectSeen(ben.screen.getByText('1 waiting'));

    await on.page.reload();
    await expectText(ben.row('Kiln monitoring pilot'), /€11,250.*(saved|queued)/);
    await expectText(on.phone('Ada Brandt').row('Kiln monitoring pilot'), /€9,600/);
    await on.shoot('1-by-hand');

    await ben.toggleAirplane();
    await expectText(ben.row('Kiln monitoring pilot'), /€11,250.*confirmed/);
    await expectText(on.phone('Ada Brandt').row('Kiln monitoring pilot'), /€11,250/);
    await expectSeen(on.log(/Kiln monitoring pilot amount → €11,250/));
    await expectEqualPhones();
  });

  test('says in words what is wrong with a form, and keeps what was typed', async () => {
    const ada = on.phone('Ada Brandt');
    await ada.row('Cold-chain sensors').click();
    await ada.screen.getByLabel('Amount (EUR)').fill('a lot');
    await ada.screen.getByRole('button', { name: 'Save' }).click();
    await expectSeen(ada.screen.getByRole('alert').filter({ hasText: 'Write the amount in euros' }));
    await on.shoot('2-form');
    await on.page.keyboard.press('Escape');
    await expectUnseen(ada.screen.getByRole('dialog'));
  });

  test('merges offline edits field by field, and marks in the log what a later edit superseded', async () => {
    const [ada, ben] = [on.phone('Ada Brandt'), on.phone('Ben Okafor')];
    await on.choose('Offline edits merge');
    await on.play(3);
    await expectText(ada.row('Nora Lindqvist'), /Director of quality.*(saved|queued).*Demo moved to Thursday/);
    await expectText(ben.row('Nora Lindqvist'), /Head of quality.*(saved|queued).*Bring the portable meter/);
    await expectText(on.page.getByTestId('equality'), /The phones differ/);
    await on.shoot('3-merge-apart');

    await on.play(2);
    for (const phone of [ada, ben])
      await expectText(phone.row('Nora Lindqvist'), /Director of quality.*confirmed.*Bring the portable meter/);
    await expectSeen(on.log(/note superseded/));
    await expectEqualPhones();
    await on.shoot('4-merged');
  });

  test('asks people about money: the conflict waits in both inboxes until one of them decides', async () => {
    const [ada, ben] = [on.phone('Ada Brandt'), on.phone('Ben Okafor')];
    await on.choose('A conflict, settled');
    await on.play(4);
    for (const phone of [ada, ben]) await expectText(phone.card(/Five-year service plan/), /€86,000.*€91,500.*€82,000/);
    await expectSeen(on.log(/asks: amount → €91,500 or €82,000/));
    await on.shoot('5-conflict');
    await ben.open('Deals');
    await expectText(ben.row('Five-year service plan'), /€91,500.*conflict/);

    await ada
      .card(/Five-year service plan/)
      .getByRole('button', { name: 'Take proposed' })
      .click();
    for (const phone of [ada, ben]) {
      await expectUnseen(phone.card(/Five-year service plan/));
      await phone.open('Deals');
      await expectText(phone.row('Five-year service plan'), /€82,000.*confirmed/);
    }
    await expectSeen(on.log(/settled: proposed, amount → €82,000/));
    expect(await on.play(1)).toMatch(/no question left/);
    await expectEqualPhones();
    await on.shoot('6-settled');
  });

  test('returns a refused event to its author, who edits it and sends it again', async () => {
    const [ada, ben] = [on.phone('Ada Brandt'), on.phone('Ben Okafor')];
    await on.choose('A refused event');
    await on.play(4);
    const card = ben.card(/Taste-lab renewal/);
    await expectText(card, /Stage is archived: choose another stage/);
    await expectUnseen(ada.card(/Taste-lab renewal/));
    await on.shoot('7-refused');

    await card.getByLabel('Stage').selectOption('Negotiation');
    await card.getByRole('button', { name: 'Send again' }).click();
    await expectUnseen(card);
    await expectSeen(on.log(/Taste-lab renewal stage → Negotiation/));
    for (const phone of [ada, ben]) {
      await phone.open('Deals');
      await expectText(phone.screen.getByRole('region', { name: 'Negotiation' }), /Taste-lab renewal/);
    }
    expect(await on.play(1)).toMatch(/inbox is empty/);
    await expectEqualPhones();
    await on.shoot('8-sent-again');
  });

  test('takes records off a phone whose owner may no longer see them, refuses his edits, and brings them back', async () => {
    const [ada, ben] = [on.phone('Ada Brandt'), on.phone('Ben Okafor')];
    await on.choose('Access revoked');
    await on.play(2);
    await ben.row('Cold-chain sensors').click();
    await on.play(1);
    await expectSeen(ben.screen.getByRole('alert').filter({ hasText: 'no longer on this phone' }));
    await on.shoot('9-gone');
    await on.page.keyboard.press('Escape');
    await expectUnseen(ben.row('Cold-chain sensors'));
    await expectSeen(ben.row('Plankton counters'));
    await expectSeen(ada.row('Cold-chain sensors'));
    await on.shoot('9-revoked');
    await ben.open('Inbox');
    await expectText(ben.card(/left this phone/), /there is no such deal/);
    await on.shoot('9-revoked-inbox');

    await on.play(2);
    await ben.open('Deals');
    await expectText(ben.row('Cold-chain sensors'), /confirmed/);
    await expectSeen(on.log(/Cold-chain sensors close date → Mar 31/));
    await expectEqualPhones();
  });

  test('converges: two phones that worked apart hold the same in the end', async () => {
    await on.choose('Apart, then equal');
    await on.play(3);
    await expectText(on.page.getByTestId('equality'), /The phones differ/);
    await on.shoot('10-apart');

    await on.play(1);
    await expectEqualPhones();
    await expectSeen(on.phone('Ada Brandt').row('Spare electrodes'));
    await on.phone('Ben Okafor').open('Leads');
    await expectSeen(on.phone('Ben Okafor').row('Ingrid Solberg'));
    await on.shoot('11-equal');
  });

  test('fits a small laptop in light and dark, and makes no mistakes on the way', async () => {
    for (const [colorScheme, width] of [
      ['dark', 1280],
      ['light', 1600],
    ] as const) {
      await on.page.emulateMedia({ colorScheme });
      await on.page.setViewportSize({ width, height: 800 });
      const overflow = await on.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      await on.shoot(`12-${colorScheme}-${width}`);
    }
    expect(browser.mistakes).toEqual([]);
  });
});
