import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SERVER_DEVICE } from '../../../src/shared/base/ids.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { openTestApp, signUp, type TestApp } from '../../support/app.ts';
import { openPhone, type Phone } from '../../support/phone.ts';
import type { Json } from '../../support/rest.ts';

let server: TestApp;
let ada: SignedIn;
let a: Phone;
let b: Phone;
let deal: string;

beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A deal of 100 EUR that both phones have seen at version 1, and that A has priced at 110 since: version 2. */
beforeEach(async () => {
  ada = await signUp(server.app);
  [a, b] = [await openPhone(server, ada), await openPhone(server, ada)];
  deal = uuidv7();
  await a.push(a.event('DealCreated', deal, { name: 'Engine', amountMinor: 100, currency: 'EUR' }));
  await a.push(price(a, 110, 1));
});

const price = (phone: Phone, amountMinor: number, basedOn: number, more: object = {}) =>
  phone.event('DealAmountChanged', deal, { amountMinor }, { basedOn, ...more });
const resolve = (phone: Phone, conflictId: string, basedOn: number, choice: string | object = 'proposed') => {
  const chosen = typeof choice === 'string' ? { choice } : { choice: 'custom', value: choice };
  return phone.event('ConflictResolved', deal, { conflictId, ...chosen }, { of: 'deal', basedOn });
};

const headOf = async (): Promise<number> => (await a.sync({}))['head'] as number;

describe('a price that another phone changed meanwhile', () => {
  test('raises a conflict: one event in the log, under the id of the one that was not taken', async () => {
    const before = await headOf();
    const proposal = price(b, 120, 1);
    const results = await b.push(proposal);
    expect(results).toEqual([
      {
        id: proposal.id,
        status: 'conflict',
        position: before + 1,
        version: 3,
        conflictId: proposal.id,
        register: 'money',
      },
    ]);
    expect(await headOf()).toBe(before + 1);
  });

  test('is pulled by everyone as ConflictRaised with base, current and proposed', async () => {
    const { cursor } = await a.sync({ cursor: null });
    const proposal = price(b, 120, 1);
    await b.push(proposal);
    const { ops } = await a.sync({ cursor });
    expect(ops).toMatchObject([
      {
        op: 'event',
        type: 'ConflictRaised',
        version: 3,
        actor: ada.user.id,
        device: SERVER_DEVICE,
        superseded: [],
        data: {
          conflictId: proposal.id,
          register: 'money',
          base: { amountMinor: 100, currency: 'EUR' },
          current: { amountMinor: 110, currency: 'EUR' },
          proposed: { amountMinor: 120, currency: 'EUR' },
          device: b.id,
          actor: ada.user.id,
          event: { id: proposal.id, at: proposal.at, basedOn: 1 },
        },
      },
    ]);
  });

  test('leaves the price alone and shows in the state', async () => {
    const [raised] = await b.push(price(b, 120, 1));
    const { state, clocks, version } = await a.see('deal', deal);
    expect(version).toBe(3);
    expect(state).toMatchObject({ amountMinor: 110, conflicts: [{ conflictId: raised?.['conflictId'] }] });
    expect(clocks.money.version).toBe(2);
  });

  test('answers a repetition with the whole first result, for ever', async () => {
    const proposal = price(b, 120, 1);
    const [first] = await b.push(proposal);
    await a.push(price(a, 130, 3));
    const head = await headOf();
    const [again] = await b.push(proposal);
    expect(again).toEqual({ ...first, status: 'duplicate', of: 'conflict' });
    expect(await b.push(proposal, proposal)).toEqual([again, again]);
    expect(await headOf()).toBe(head);
  });

  test('gives its answer once where it comes twice in one request', async () => {
    const proposal = price(b, 120, 1);
    const [first, second] = await b.push(proposal, proposal);
    expect(second).toEqual({ ...first, status: 'duplicate', of: 'conflict' });
  });

  test('does not stop the events after it', async () => {
    const results = await b.push(
      price(b, 120, 1),
      b.event('DealDetailsChanged', deal, { name: 'Turbine' }, { basedOn: 1 }),
      b.event('DealAssigned', deal, { ownerId: null }, { basedOn: 1 }),
    );
    expect(results.map(({ status }) => status)).toEqual(['conflict', 'accepted', 'accepted']);
    const { state } = await a.see('deal', deal);
    expect(state).toMatchObject({ name: 'Turbine', ownerId: null, amountMinor: 110 });
  });

  test('keeps one conflict for all that one phone has queued, with the newest proposal', async () => {
    const [first, second, third] = await b.push(price(b, 120, 1), price(b, 130, 1), price(b, 140, 1));
    expect([second?.['conflictId'], third?.['conflictId']]).toEqual([first?.['conflictId'], first?.['conflictId']]);
    expect(third?.['position']).toBe((first?.['position'] as number) + 2);
    const { state } = await a.see('deal', deal);
    expect(state.conflicts).toMatchObject([{ conflictId: first?.['conflictId'], proposed: { amountMinor: 140 } }]);
  });

  test('of a third phone is a conflict of its own', async () => {
    const c = await openPhone(server, ada);
    const [one] = await b.push(price(b, 120, 1));
    const [other] = await c.push(price(c, 130, 1));
    expect([one?.['status'], other?.['status']]).toEqual(['conflict', 'conflict']);
    const { state } = await a.see('deal', deal);
    expect(state.conflicts).toMatchObject([
      { conflictId: one?.['conflictId'], device: b.id, proposed: { amountMinor: 120 } },
      { conflictId: other?.['conflictId'], device: c.id, proposed: { amountMinor: 130 } },
    ]);
  });

  test('is told what the price is by now when a third phone moves it on', async () => {
    await b.push(price(b, 120, 1));
    await a.push(price(a, 150, 3));
    const { state } = await a.see('deal', deal);
    expect(state.conflicts).toMatchObject([{ current: { amountMinor: 150 }, currentVersion: 4 }]);
  });

  test('is withdrawn when its phone changes the price with open eyes', async () => {
    await b.push(price(b, 120, 1));
    const [result] = await b.push(price(b, 125, 3));
    expect(result?.['status']).toBe('accepted');
    expect((await a.see('deal', deal)).state).toMatchObject({ amountMinor: 125, conflicts: [] });
  });

  test('never conflicts with the same phone, also after signing out and in again', async () => {
    const results = await a.push(price(a, 120, 1), price(a, 130, 1), price(a, 140, 1));
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    const other = await openPhone(server, ada);
    // A session of another device that brings along what the first one had queued.
    const [late] = await other.push(price(a, 150, 1));
    expect(late?.['status']).toBe('accepted');
  });

  test('is simply the last write where the workspace says so', async () => {
    const settings = { registers: { money: 'merge' } };
    await a.push(a.event('WorkspaceSettingsChanged', ada.workspace.id, settings, { basedOn: 1 }));
    const [result] = await b.push(price(b, 120, 1));
    expect(result?.['status']).toBe('accepted');
    expect((await a.see('deal', deal)).state.amountMinor).toBe(120);
  });
});

describe('in a group', () => {
  test('a conflict blocks the rest and raises none; the same group gets the same answer for ever', async () => {
    const head = await headOf();
    const group = uuidv7();
    const events = [
      b.event('DealDetailsChanged', deal, { name: 'Turbine' }, { basedOn: 1, group }),
      price(b, 120, 1, { group }),
      b.event('NoteAdded', uuidv7(), { about: { type: 'deal', id: deal }, body: 'Called' }, { group }),
    ];
    const conflict = { id: events[1]?.id, status: 'conflict', register: 'money' };
    const blocked = { status: 'rejected', code: 'blocked', blockedBy: events[1]?.id };
    expect(await b.push(...events)).toMatchObject([blocked, conflict, blocked]);
    expect(await headOf()).toBe(head);
    const { state } = await a.see('deal', deal);
    expect(state).toMatchObject({ name: 'Engine', amountMinor: 110, conflicts: [] });
    const again = { ...conflict, status: 'duplicate', of: 'conflict' };
    expect(await b.push(...events)).toMatchObject([blocked, again, blocked]);
    expect(await headOf()).toBe(head);
  });
});

describe('an uploaded ConflictRaised', () => {
  test('is refused: only the server makes them', async () => {
    const [result] = await b.push(b.event('ConflictRaised', deal, {}, { of: 'deal' }));
    expect(result).toMatchObject({ status: 'rejected', code: 'invalid' });
  });
});

describe('resolving', () => {
  let conflictId: string;
  beforeEach(async () => {
    conflictId = (await b.push(price(b, 120, 1)))[0]?.['conflictId'] as string;
  });

  test('with proposed writes the proposal', async () => {
    const [result] = await a.push(resolve(a, conflictId, 3));
    expect(result).toMatchObject({ status: 'accepted', version: 4 });
    expect((await b.see('deal', deal)).state).toMatchObject({ amountMinor: 120, conflicts: [] });
  });

  test('with custom writes the value, with current nothing', async () => {
    await a.push(resolve(a, conflictId, 3, { amountMinor: 115, currency: 'EUR' }));
    expect((await b.see('deal', deal)).state).toMatchObject({ amountMinor: 115, conflicts: [] });
    const [again] = await b.push(price(b, 130, 1));
    await a.push(resolve(a, again?.['conflictId'] as string, 1, 'current'));
    expect((await b.see('deal', deal)).state).toMatchObject({ amountMinor: 115, conflicts: [] });
  });

  test('is won by the first; the second hears already_resolved, and again when it repeats', async () => {
    await a.push(resolve(a, conflictId, 3));
    const late = resolve(b, conflictId, 3, 'current');
    const [second] = await b.push(late);
    expect(second).toMatchObject({ status: 'rejected', code: 'already_resolved' });
    const [repeated] = await b.push(late);
    expect(repeated).toMatchObject({ status: 'duplicate', of: 'rejected', code: 'already_resolved' });
  });

  test('on an older view settles nothing: the conflict stays open with its current renewed, under the same id', async () => {
    await a.push(price(a, 117, 3));
    const stale = resolve(b, conflictId, 3);
    const [result] = await b.push(stale);
    expect(result).toMatchObject({ id: stale.id, status: 'conflict', conflictId, register: 'money', version: 5 });
    const { state } = await a.see('deal', deal);
    const open = [{ conflictId, current: { amountMinor: 117 }, proposed: { amountMinor: 120 }, device: b.id }];
    expect(state).toMatchObject({ amountMinor: 117, conflicts: open });
    const [repeated] = await b.push(stale);
    expect(repeated).toMatchObject({ status: 'duplicate', of: 'conflict', conflictId });
    const [settled] = await b.push(resolve(b, conflictId, 5));
    expect(settled?.['status']).toBe('accepted');
  });

  test('is a change that later edits of the own queue conflict with', async () => {
    await b.push(resolve(b, conflictId, 3));
    const [result] = await b.push(price(b, 140, 3));
    expect(result).toMatchObject({ status: 'conflict', register: 'money' });
  });

  test('runs the rules of the deal', async () => {
    await a.push(a.event('DealWon', deal, {}, { basedOn: 3 }));
    const [refused] = await b.push(resolve(b, conflictId, 4));
    expect(refused).toMatchObject({ status: 'rejected', code: 'invalid' });
    expect((await a.see('deal', deal)).state.conflicts).toHaveLength(1);
    const [kept] = await b.push(resolve(b, conflictId, 4, 'current'));
    expect(kept?.['status']).toBe('accepted');
  });

  test('of a deal that nobody knows is unknown_stream', async () => {
    const event = { ...resolve(a, conflictId, 3), stream: { type: 'deal' as const, id: uuidv7() } };
    expect((await a.push(event))[0]).toMatchObject({ status: 'rejected', code: 'unknown_stream' });
  });
});

test('two phones that race for the same price end in one winner and one question, whichever was first', async () => {
  const proposals = [price(a, 200, 2), price(b, 300, 2)];
  const answers = (await Promise.all([a.push(proposals[0] as never), b.push(proposals[1] as never)])).flat();
  expect(answers.map(({ status }: Json) => status as string).toSorted()).toEqual(['accepted', 'conflict']);
});
