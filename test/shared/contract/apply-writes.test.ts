import { expect, test } from 'vitest';
import { effectiveFields, withFields } from '../../../src/shared/contract/events/apply-writes.ts';

const state = Object.freeze({ name: 'Ada', title: null, customFields: Object.freeze({ a: 1, b: 2 }) });

test('fields are set, and those not named stay', () => {
  expect(withFields(state, { title: 'Countess' })).toEqual({ ...state, title: 'Countess' });
});

test('a custom field is set, added and with null removed by its own name', () => {
  const fields = { 'customFields.a': null, 'customFields.b': 3, 'customFields.c': 4 };
  expect(withFields(state, fields)).toEqual({ ...state, customFields: { b: 3, c: 4 } });
  expect(withFields({ name: 'Ada' }, { 'customFields.a': 1 })).toEqual({ name: 'Ada', customFields: { a: 1 } });
});

test('the fields of all registers are effective, except the superseded', () => {
  const writes = { money: { amountMinor: 1, currency: 'EUR' }, name: { name: 'Ada' } };
  expect(effectiveFields(writes, [])).toEqual({ amountMinor: 1, currency: 'EUR', name: 'Ada' });
  expect(effectiveFields(writes, ['amountMinor', 'currency'])).toEqual({ name: 'Ada' });
});
