import { describe, test } from 'vitest';
import type { EventData } from '../../../src/shared/contract/events/registry.ts';
import { fact, given, id } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

/** Created by the desk and priced at 100: version 2 is what both phones have seen. */
const created = fact('DealCreated', { name: 'Engine' }, { minute: 0, device: 'desk' });
const priced = fact('DealAmountChanged', { amountMinor: 100, currency: 'EUR' }, { minute: 1, device: 'desk' });
const deal = [salesPipeline, created, priced];

const asks = (amountMinor: number, where: object = {}) =>
  fact('DealAmountChanged', { amountMinor }, { device: 'b', basedOn: 2, ...where });
const changed = (amountMinor: number, where: object = {}) =>
  fact('DealAmountChanged', { amountMinor }, { device: 'a', ...where });
const resolves = (choice: 'current' | 'proposed', where: object = {}) =>
  fact('ConflictResolved', { conflictId: id('first'), choice }, { of: 'deal', device: 'desk', ...where });
const resolvesWith = (value: EventData<'ConflictResolved'>['value']) =>
  fact('ConflictResolved', { conflictId: id('first'), choice: 'custom', value }, { of: 'deal' });

describe('a critical register that another device changed meanwhile', () => {
  test('is not overwritten, but asked about with what it was, is and might be', () => {
    given(...deal, changed(110))
      .when(asks(120, { name: 'first' }))
      .asks({
        conflictId: id('first'),
        register: 'money',
        base: { amountMinor: 100, currency: 'EUR' },
        current: { amountMinor: 110, currency: 'EUR' },
        proposed: { amountMinor: 120, currency: 'EUR' },
        currentVersion: 3,
        actor: id('me'),
        device: id('b'),
        event: { id: id('first'), type: 'DealAmountChanged', basedOn: 2, data: { amountMinor: 120 } },
      })
      .keeps({ amountMinor: 110, conflicts: [{ conflictId: id('first'), register: 'money' }] });
  });

  test('is asked about even where the proposal has the older clock and would lose', () => {
    given(...deal, changed(110, { minute: 30 }))
      .when(asks(120, { minute: 20 }))
      .asks({ register: 'money' });
  });

  test('takes the same value without a question', () => {
    given(...deal, changed(110))
      .when(asks(110))
      .leaves({ amountMinor: 110, conflicts: [] });
  });

  test('takes another value from whoever has seen the change', () => {
    given(...deal, changed(110))
      .when(asks(120, { basedOn: 3 }))
      .leaves({ amountMinor: 120, conflicts: [] });
  });

  test('is overwritten where the workspace lets the last write win', () => {
    given(...deal, changed(110))
      .when(asks(120), { policy: 'merge' })
      .leaves({ amountMinor: 120, conflicts: [] });
  });

  test('is about that register only: others merge', () => {
    given(...deal, changed(110))
      .when(fact('DealAssigned', { ownerId: null }, { device: 'b', basedOn: 2 }))
      .leaves({ ownerId: null, conflicts: [] });
    given(...deal, changed(110))
      .when(fact('DealDetailsChanged', { name: 'Turbine' }, { device: 'b', basedOn: 2 }))
      .leaves({ name: 'Turbine' });
  });

  test.each([
    ['ownership of a lead', 'LeadCreated', 'LeadAssigned'],
    ['ownership of a contact', 'ContactCreated', 'ContactAssigned'],
    ['ownership of a company', 'CompanyCreated', 'CompanyAssigned'],
  ] as const)('may be the %s', (_what, creation, assignment) => {
    const team = fact('TeamCreated', { name: 'North' });
    given(team, fact(creation, { name: 'Ada' }), fact(assignment, { ownerId: null }, { device: 'a' }))
      .when(fact(assignment, { ownerId: null, teamId: id('team') }, { device: 'b', basedOn: 1 }))
      .asks({ register: 'ownership', current: { ownerId: null, teamId: null }, proposed: { teamId: id('team') } });
  });

  test('never stops an activity, which only ever merges', () => {
    const call = fact('ActivityScheduled', { kind: 'call', subject: 'Ring', dueAt: '2026-12-01T09:00:00Z' });
    given(call, fact('ActivityCompleted', { outcome: 'reached' }, { device: 'a' }))
      .when(fact('ActivityCompleted', { outcome: 'busy' }, { device: 'b', basedOn: 1 }))
      .leaves({ status: 'completed', outcome: 'busy' });
  });

  test('asks also where the rules would refuse the event for what its author did not know', () => {
    given(...deal, fact('DealLost', { reason: 'price' }, { device: 'a' }))
      .when(fact('DealStageChanged', { stageId: id('proposal') }, { device: 'b', basedOn: 2 }))
      .asks({
        register: 'progress',
        current: { outcome: 'lost' },
        proposed: { outcome: 'open', stageId: id('proposal') },
      })
      .keeps({ outcome: 'lost' });
  });

  test('refuses what its author was wrong about anyway', () => {
    given(...deal, fact('DealLost', { reason: 'price' }, { device: 'a' }))
      .when(fact('DealStageChanged', { stageId: id('nowhere') }, { device: 'b', basedOn: 2 }))
      .refuses('invalid', 'data.stageId');
  });

  test('of a deleted record is not asked about: the record is archived', () => {
    given(...deal, changed(110), fact('DealDeleted', {}, { device: 'a' }))
      .when(asks(120))
      .refuses('archived');
  });
});

describe('a device never conflicts with itself', () => {
  test('when it queued several edits on one version', () => {
    given(...deal, asks(110), asks(120))
      .when(asks(130))
      .leaves({ amountMinor: 130, conflicts: [] });
  });

  test('but an edit of another device in between stays one that it has not seen', () => {
    given(...deal, changed(110), asks(110))
      .when(asks(120))
      .asks({ current: { amountMinor: 110 }, proposed: { amountMinor: 120 } });
  });

  test('and is asked after a resolution, its own one included', () => {
    given(...deal, changed(110), asks(120, { name: 'first' }), resolves('proposed', { device: 'b', basedOn: 4 }))
      .when(asks(130, { basedOn: 4 }))
      .asks({ current: { amountMinor: 120 }, proposed: { amountMinor: 130 } });
  });
});

describe('the open conflict of a device about a register', () => {
  const open = [...deal, changed(110), asks(120, { name: 'first' })];

  test('takes a later queued edit as its proposal and keeps its id', () => {
    given(...open)
      .when(asks(130, { name: 'second' }))
      .asks({ conflictId: id('first'), proposed: { amountMinor: 130 }, event: { id: id('second') } })
      .keeps({ conflicts: [{ conflictId: id('first') }] });
  });

  test('keeps edits together that build on each other', () => {
    const [first, second] = ['l1', 'l2'].map((name) => ({ lineItemId: id(name), name, quantity: 1, unitMinor: 40 }));
    const add = (line: typeof first, name: string) =>
      fact('DealLineItemAdded', line as never, { device: 'b', basedOn: 2, name });
    const lineItems = [{ id: id('l1') }, { id: id('l2') }];
    given(...deal, changed(110), add(first, 'first'))
      .when(add(second, 'second'))
      .asks({ conflictId: id('first'), proposed: { amountMinor: 80, lineItems } });
  });

  test('stands beside that of another device', () => {
    given(...open)
      .when(asks(140, { device: 'c', name: 'other' }))
      .asks({ conflictId: id('other') })
      .keeps({ conflicts: [{ conflictId: id('first') }, { conflictId: id('other') }] });
  });

  test('has its current renewed when a third device changes the register', () => {
    given(...open)
      .when(changed(115))
      .keeps({ conflicts: [{ current: { amountMinor: 115 }, currentVersion: 5, proposed: { amountMinor: 120 } }] });
  });

  test('is withdrawn by an accepted change of that device', () => {
    given(...open)
      .when(asks(125, { basedOn: 4 }))
      .leaves({ amountMinor: 125, conflicts: [] });
  });

  test('is not withdrawn by its changes of other registers', () => {
    given(...open)
      .when(fact('DealAssigned', { ownerId: null }, { device: 'b' }))
      .keeps({ conflicts: [{ conflictId: id('first') }] });
  });
});

describe('resolving', () => {
  const open = [...deal, changed(110), asks(120, { name: 'first' })];

  test('with current keeps what the register holds by then, however old the view', () => {
    given(...open, changed(115))
      .when(resolves('current', { basedOn: 1 }))
      .leaves({ amountMinor: 115, conflicts: [] });
  });

  test('with proposed writes the proposal', () => {
    given(...open)
      .when(resolves('proposed'))
      .expects({ register: 'money', writes: { money: { amountMinor: 120 } } })
      .leaves({ amountMinor: 120, currency: 'EUR', conflicts: [] });
  });

  test('with custom writes the value', () => {
    given(...open)
      .when(resolvesWith({ amountMinor: 117 }))
      .leaves({ amountMinor: 117, currency: 'EUR', conflicts: [] });
  });

  test('wins however slow the clock of who decided', () => {
    given(...open)
      .when(resolves('proposed', { minute: 0 }))
      .loses()
      .leaves({ amountMinor: 120 });
  });

  test('on an older view of the register settles nothing: it is asked again about what is there now', () => {
    given(...open, changed(115))
      .when(resolves('proposed', { basedOn: 4 }))
      .asks({ conflictId: id('first'), current: { amountMinor: 115 }, proposed: { amountMinor: 120 }, device: id('b') })
      .keeps({ amountMinor: 115, conflicts: [{ conflictId: id('first') }] });
  });

  test('twice is too late for the second', () => {
    given(...open, resolves('proposed'))
      .when(resolves('current'))
      .refuses('already_resolved');
  });

  test('one of two conflicts makes the choice in the other one stale, unless it kept what was there', () => {
    const other = asks(140, { device: 'c', name: 'other' });
    const second = fact(
      'ConflictResolved',
      { conflictId: id('other'), choice: 'proposed' },
      { of: 'deal', basedOn: 5 },
    );
    given(...open, other, resolves('proposed'))
      .when(second)
      .asks({ current: { amountMinor: 120 } });
    given(...open, other, resolves('current'))
      .when(second)
      .leaves({ amountMinor: 140, conflicts: [] });
  });

  test('needs a value for custom, and for nothing else', () => {
    const choose = (choice: string, value?: object) =>
      fact('ConflictResolved', { conflictId: id('first'), choice, value } as never, { of: 'deal' });
    given(...open)
      .when(choose('custom'))
      .refuses('invalid');
    given(...open)
      .when(choose('current', { amountMinor: 1 }))
      .refuses('invalid');
    given(...open)
      .when(choose('custom', { ownerId: null }))
      .refuses('invalid', 'data.value.ownerId');
  });

  test('runs the rules: the money of a closed deal stands until it is reopened', () => {
    given(...open, fact('DealWon', {}, { device: 'a' }))
      .when(resolves('proposed'))
      .refuses('invalid');
    given(...open, fact('DealWon', {}, { device: 'a' }))
      .when(resolves('current'))
      .leaves({ amountMinor: 110, outcome: 'won' });
  });

  test('runs the rules: with line items the amount is their sum', () => {
    const line = { lineItemId: id('line'), name: 'Wheel', quantity: 2, unitMinor: 30 };
    given(...open, fact('DealLineItemAdded', line, { device: 'a' }))
      .when(resolvesWith({ amountMinor: 1 }))
      .refuses('invalid');
  });

  test('cannot touch a deleted record', () => {
    given(...open, fact('DealDeleted', {}, { device: 'a' }))
      .when(resolves('current'))
      .refuses('archived');
  });

  test('wins a deal as DealWon does, its money frozen', () => {
    const moved = fact('DealStageChanged', { stageId: id('proposal') }, { device: 'a' });
    const won = fact('DealWon', {}, { device: 'b', basedOn: 2, name: 'first' });
    given(...deal, moved, won)
      .when(resolves('proposed'))
      .expects({ closing: { amountMinor: 100, currency: 'EUR', fromStageId: id('proposal') } })
      .leaves({ outcome: 'won', probabilityBp: 10_000, forecastCategory: 'closed', conflicts: [] });
  });

  test('reopens a closed deal for a proposal that moves it', () => {
    const lost = fact('DealLost', { reason: 'price' }, { device: 'a' });
    const moved = fact('DealStageChanged', { stageId: id('proposal') }, { device: 'b', basedOn: 2, name: 'first' });
    given(...deal, lost, moved)
      .when(resolves('proposed'))
      .leaves({ outcome: 'open', stageId: id('proposal'), reason: null, closedAt: null, conflicts: [] });
  });

  test('replaces all lines of a deal, whose sum is the amount', () => {
    const add = (name: string, device: string, where: object) =>
      fact('DealLineItemAdded', { lineItemId: id(name), name, quantity: 1, unitMinor: 70 }, { device, ...where });
    const lineItems = [{ id: id('l1'), name: 'l1', quantity: 3, unitMinor: 10 }];
    given(...deal, add('l1', 'a', {}), add('l2', 'b', { basedOn: 2, name: 'first' }))
      .when(resolvesWith({ lineItems }))
      .leaves({ amountMinor: 30, lineItems: [{ id: id('l1'), quantity: 3, unitMinor: 10 }], conflicts: [] });
  });

  test('brings the other fields of the proposal along, but not over newer ones', () => {
    const lead = [fact('LeadCreated', { name: 'Ada', amountMinor: 1, currency: 'EUR' }, { minute: 0 })];
    const other = fact('LeadDetailsChanged', { amountMinor: 2 }, { device: 'a', minute: 5 });
    const both = { amountMinor: 3, name: 'Countess', title: 'Ms' };
    const proposal = fact('LeadDetailsChanged', both, { device: 'b', basedOn: 1, minute: 6, name: 'first' });
    const titled = fact('LeadDetailsChanged', { title: 'Dr' }, { device: 'a', minute: 9 });
    const current = fact('ConflictResolved', { conflictId: id('first'), choice: 'current' });
    given(...lead, other, proposal, titled)
      .when(current)
      .leaves({ amountMinor: 2, name: 'Countess', title: 'Dr', conflicts: [] });
  });
});
