import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/shared/base/json.ts';
import { definitionOf } from '../../../src/shared/contract/events/registry.ts';
import { initialLead } from '../../../src/shared/contract/events/lead.ts';
import { merge as mergeChange, type Merged } from '../../../src/shared/domain/merge.ts';
import { newestClock, newestClockOf } from '../../../src/shared/domain/register-clocks.ts';
import { fact, given, id } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

const clockAt = (minute: number, device = 'a'): string =>
  `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000Z-0000-${id(device)}`;

type Change = Parameters<typeof mergeChange>[1];

/** Merges what an ordinary change writes, whatever its data was. */
const merge = (before: Merged, change: Pick<Change, 'writes' | 'clock' | 'version'>) =>
  mergeChange(before, { type: 'LeadDetailsChanged', data: {}, ...change });

const creation: Merged = merge(
  { state: initialLead as unknown as JsonObject, clocks: {} },
  { writes: { name: { name: 'Ada' }, source: { source: 'web' } }, clock: clockAt(0), version: 1 },
);

const rename = (name: string, minute: number, version: number) => ({
  writes: { name: { name } },
  clock: clockAt(minute),
  version,
});

describe('merging', () => {
  test('lets the newer clock win, whichever comes first', () => {
    const later = merge(creation, rename('Countess', 5, 2));
    expect(later).toMatchObject({ state: { name: 'Countess' }, superseded: [] });
    expect(merge(later, rename('A.', 4, 3))).toMatchObject({ state: { name: 'Countess' }, superseded: ['name'] });
  });

  test('lets the later position win between equal clocks', () => {
    const first = merge(creation, rename('Countess', 5, 2));
    expect(merge(first, rename('A.', 5, 3))).toMatchObject({ state: { name: 'A.' }, superseded: [] });
  });

  test('counts every register as written by the creation', () => {
    const before = { ...rename('Early', 0, 2), clock: `2026-11-22T09:00:00.000Z-0000-${id('a')}` };
    expect(merge(creation, before)).toMatchObject({ state: { name: 'Ada' }, superseded: ['name'] });
  });

  test('leaves fields of other registers alone and remembers when each changed', () => {
    const changed = merge(creation, rename('Countess', 5, 2));
    expect(changed.state['source']).toBe('web');
    expect(changed.clocks).toEqual({
      '*': { clock: clockAt(0), version: 1 },
      name: { clock: clockAt(5), version: 2 },
    });
  });

  test('takes or leaves a register as a whole', () => {
    const won = fact('DealWon', {}, { minute: 30 });
    given(
      salesPipeline,
      fact('DealCreated', { name: 'Engine' }),
      won,
      fact('DealReopened', { stageId: id('proposal') }, { minute: 40 }),
    )
      .when(fact('DealLost', { reason: 'price' }, { minute: 35 }))
      .loses(
        'pipelineId',
        'stageId',
        'outcome',
        'probabilityBp',
        'forecastCategory',
        'reason',
        'competitor',
        'closedAt',
      )
      .leaves({ outcome: 'open', stageId: id('proposal'), reason: null });
  });

  test('never changes the state it was given', () => {
    const frozen = Object.freeze({ ...creation.state, customFields: Object.freeze({ a: 1 }) });
    const writes = { 'customFields.b': { 'customFields.b': 2 }, name: { name: 'B' } };
    const after = merge({ ...creation, state: frozen }, { writes, clock: clockAt(9), version: 2 });
    expect(after.state['customFields']).toEqual({ a: 1, b: 2 });
    expect(frozen.customFields).toEqual({ a: 1 });
  });
});

describe('the last name of a lead', () => {
  const created = fact('LeadCreated', { name: 'Ada', companyName: 'Acme' }, { minute: 0 });
  const anonymous = fact('LeadDetailsChanged', { companyName: null }, { minute: 20 });

  test('stays where the name that was to replace it loses to a newer clock', () => {
    given(created, anonymous)
      .when(fact('LeadDetailsChanged', { name: null, companyName: 'Globex' }, { minute: 10 }))
      .loses('companyName', 'name')
      .leaves({ name: 'Ada', companyName: null });
  });

  test('leaves no clock behind, so that folding the log finds the same', () => {
    const cleared = merge(apply([{ data: { companyName: 'Acme' }, clock: clockAt(1) }]), {
      writes: { companyName: { companyName: null } },
      clock: clockAt(20),
      version: 3,
    });
    const after = merge(cleared, {
      writes: { name: { name: null }, companyName: { companyName: 'Globex' } },
      clock: clockAt(10),
      version: 4,
    });
    expect(after.clocks).toEqual(cleared.clocks);
    expect(after.state).toMatchObject({ name: 'Ada', companyName: null });
  });

  test('goes where the other one arrives with it', () => {
    given(created, anonymous)
      .when(fact('LeadDetailsChanged', { name: null, companyName: 'Globex' }, { minute: 30 }))
      .loses()
      .leaves({ name: null, companyName: 'Globex' });
  });
});

describe('the newest clock', () => {
  test('of a stream and of a device in it', () => {
    const clocks = {
      '*': { clock: clockAt(1, 'a'), version: 1 },
      name: { clock: clockAt(7, 'b'), version: 3 },
      title: { clock: clockAt(5, 'a'), version: 2 },
    };
    expect(newestClock(clocks)).toBe(clockAt(7, 'b'));
    expect(newestClockOf(clocks, id('a'))).toBe(clockAt(5, 'a'));
    expect(newestClockOf(clocks, id('c'))).toBeUndefined();
    expect(newestClock({})).toBeUndefined();
  });
});

const apply = (list: readonly { readonly data: JsonObject; readonly clock: string }[]): Merged => {
  const { writes } = definitionOf('LeadDetailsChanged');
  let merged = creation;
  for (const [index, { data, clock }] of list.entries()) {
    merged = merge(merged, { writes: writes(data, merged.state), clock, version: index + 2 });
  }
  return merged;
};

const clocksOnly = ({ clocks }: Merged) =>
  Object.fromEntries(Object.entries(clocks).map(([key, last]) => [key, last.clock]));

describe('changes of plain fields with different clocks', () => {
  const details = fc.record(
    {
      name: fc.constantFrom('Ada', 'Countess', 'A. L.'),
      title: fc.constantFrom('CEO', null),
      source: fc.constantFrom('web', 'fair', null),
      customFields: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom(1, 2, null)),
    },
    { requiredKeys: [] },
  );
  const edits = fc
    .array(details, { minLength: 2, maxLength: 12 })
    .map((list) =>
      list.map((data, index) => ({ data: data as JsonObject, clock: clockAt(index + 1, `dev${index % 3}`) })),
    );

  test('end in the same state in whatever order they arrive', () => {
    const shuffled = edits.chain((list) =>
      fc.shuffledSubarray(list, { minLength: list.length }).map((order) => ({ list, order })),
    );
    fc.assert(
      fc.property(shuffled, ({ list, order }) => {
        expect(apply(order).state).toEqual(apply(list).state);
        expect(clocksOnly(apply(order))).toEqual(clocksOnly(apply(list)));
      }),
      { numRuns: 300 },
    );
  });
});
