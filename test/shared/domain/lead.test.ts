import { describe, test } from 'vitest';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';

const ada = fact('LeadCreated', { name: 'Ada', amountMinor: 500, currency: 'EUR' });
const contact = fact('ContactCreated', { name: 'Ada' });
const converted = fact('LeadConverted', { contactId: id('contact') }, { minute: 9 });

describe('a new lead', () => {
  test('needs a name or a company', () => {
    given()
      .when(malformed('LeadCreated', { title: 'Countess' }))
      .refuses('invalid', 'data');
    given()
      .when(fact('LeadCreated', { companyName: 'Engines' }))
      .leaves({ name: null, companyName: 'Engines', status: 'new', priority: 'normal' });
  });

  test('belongs to whoever creates it', () => {
    given()
      .when(fact('LeadCreated', { name: 'Ada' }))
      .expects({ ownerId: ACTOR })
      .leaves({ ownerId: ACTOR });
  });

  test('goes to the pool where the data says so', () => {
    given()
      .when(fact('LeadCreated', { name: 'Ada', ownerId: null }))
      .expects({ ownerId: null })
      .leaves({ ownerId: null });
  });

  test('has an amount with a currency or neither', () => {
    given()
      .when(fact('LeadCreated', { name: 'Ada', amountMinor: 500 }))
      .refuses('invalid');
  });

  test.each([
    ['a negative amount', { amountMinor: -1, currency: 'EUR' }, 'data.amountMinor'],
    ['a fraction of a minor unit', { amountMinor: 0.5, currency: 'EUR' }, 'data.amountMinor'],
    ['a currency that does not exist', { amountMinor: 1, currency: 'EUX' }, 'data.currency'],
    ['a field that nobody knows', { colour: 'red' }, 'data'],
    ['two primary addresses', { emails: ['a', 'b'].map((value) => ({ value, primary: true })) }, 'data.emails'],
    ['an owner that is no id', { ownerId: 'me' }, 'data.ownerId'],
  ])('is refused with %s', (_what, data, path) => {
    given()
      .when(malformed('LeadCreated', { name: 'Ada', ...data }))
      .refuses('invalid', path);
  });
});

describe('the details of a lead', () => {
  test('can be cleared, but not both names', () => {
    given(fact('LeadCreated', { name: 'Ada', companyName: 'Engines' }))
      .when(fact('LeadDetailsChanged', { name: null }))
      .leaves({ name: null, companyName: 'Engines' });
    given(ada)
      .when(fact('LeadDetailsChanged', { name: null }))
      .refuses('invalid', 'data.name');
  });

  test('lose the currency with the amount', () => {
    given(ada)
      .when(fact('LeadDetailsChanged', { amountMinor: null }))
      .expects({ currency: null })
      .leaves({ amountMinor: null, currency: null });
  });

  test('keep amount and currency together', () => {
    given(ada)
      .when(fact('LeadDetailsChanged', { currency: null }))
      .refuses('invalid', 'data.currency');
    given(fact('LeadCreated', { name: 'Ada' }))
      .when(fact('LeadDetailsChanged', { amountMinor: 5 }))
      .refuses('invalid', 'data.currency');
    given(ada)
      .when(fact('LeadDetailsChanged', { amountMinor: 5 }))
      .leaves({ amountMinor: 5, currency: 'EUR' });
  });

  test('change custom fields one by one', () => {
    given(fact('LeadCreated', { name: 'Ada', customFields: { region: 'EMEA', size: 3 } }))
      .when(fact('LeadDetailsChanged', { customFields: { size: null, hot: true } }))
      .leaves({ customFields: { region: 'EMEA', hot: true } });
  });
});

describe('the status of a lead', () => {
  test('is unqualified with a reason after a disqualification, and new after recycling', () => {
    const disqualified = fact('LeadDisqualified', { reason: 'no budget' });
    given(ada).when(disqualified).leaves({ status: 'unqualified', reason: 'no budget' });
    given(ada, disqualified).when(fact('LeadRecycled', {})).leaves({ status: 'new', reason: null });
  });
});

describe('a converted lead', () => {
  test('is qualified and names its records', () => {
    given(contact, ada)
      .when(converted)
      .expects({ convertedAt: '2026-11-22T10:09:00.000Z' })
      .leaves({ status: 'qualified', contactId: id('contact'), companyId: null });
  });

  test('takes no further change but deletion', () => {
    for (const change of [
      fact('LeadStatusChanged', { status: 'new' }),
      fact('LeadAssigned', { ownerId: null }),
      fact('LeadDetailsChanged', { title: 'Countess' }),
    ]) {
      given(contact, ada, converted).when(change).refuses('invalid');
    }
    given(contact, ada, converted)
      .when(fact('LeadDeleted', {}))
      .leaves({ contactId: id('contact') });
  });

  test('takes the same conversion again and stays as it is', () => {
    given(contact, ada, converted)
      .when({ ...converted, minute: 20 })
      .leaves({ convertedAt: '2026-11-22T10:09:00.000Z', contactId: id('contact') });
  });

  test('is not converted again into something else', () => {
    const other = fact('ContactCreated', { name: 'Ada' }, { stream: id('other') });
    given(contact, other, ada, converted)
      .when(fact('LeadConverted', { contactId: id('other') }))
      .refuses('invalid');
  });
});
