import { describe, test } from 'vitest';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';

const ada = fact('ContactCreated', { name: 'Ada' });
const acme = fact('CompanyCreated', { name: 'Acme' });
const linked = fact('ContactLinkedToCompany', { companyId: id('company'), role: 'CEO' });

describe('a contact', () => {
  test('needs a name and keeps one', () => {
    given()
      .when(malformed('ContactCreated', { title: 'Countess' }))
      .refuses('invalid', 'data.name');
    given(ada)
      .when(malformed('ContactDetailsChanged', { name: null }))
      .refuses('invalid', 'data.name');
  });

  test('belongs to whoever creates it', () => {
    given().when(ada).expects({ ownerId: ACTOR }).leaves({ ownerId: ACTOR });
  });

  test('is linked to a company and unlinked from just that one', () => {
    given(ada, acme)
      .when(linked)
      .leaves({ companyId: id('company'), companyRole: 'CEO' });
    given(ada, acme, linked)
      .when(fact('ContactUnlinkedFromCompany', { companyId: id('company') }))
      .leaves({ companyId: null, companyRole: null });
    given(ada, acme, linked)
      .when(fact('ContactUnlinkedFromCompany', { companyId: id('other') }))
      .refuses('invalid', 'data.companyId');
  });

  test('stays when its company is deleted', () => {
    given(ada, acme, linked, fact('CompanyDeleted', {}))
      .when(fact('ContactDetailsChanged', { title: 'Countess' }))
      .leaves({ companyId: id('company'), deletedAt: null });
  });

  test('gives and takes consent by channel', () => {
    given(ada, fact('ContactConsentChanged', { channel: 'email', status: 'granted', basis: 'form' }))
      .when(fact('ContactConsentChanged', { channel: 'phone', status: 'denied' }))
      .leaves({
        consents: {
          email: { status: 'granted', basis: 'form', purpose: null },
          phone: { status: 'denied', basis: null, purpose: null },
        },
      });
  });
});

describe('a merge of contacts', () => {
  const double = fact('ContactCreated', { name: 'A. Lovelace' }, { stream: id('double') });
  const merged = fact('ContactMerged', { absorbedId: id('double'), title: 'Countess', taken: ['title'] });
  const absorbed = fact('ContactMergedInto', { survivorId: id('contact') }, { stream: id('double') });

  test('keeps the survivor, which says what it took', () => {
    given(ada, double)
      .when(merged)
      .expects({ taken: ['title'] })
      .leaves({ name: 'Ada', title: 'Countess', absorbedIds: [id('double')] });
  });

  test('deletes the absorbed one, which says where it went', () => {
    given(ada, double)
      .when(absorbed)
      .leaves({ mergedIntoId: id('contact'), deletedAt: '2026-11-22T10:02:00.000Z' });
  });

  test('is undone by restoring the absorbed one', () => {
    given(ada, double, merged, absorbed)
      .when(fact('ContactRestored', {}, { stream: id('double') }))
      .leaves({ mergedIntoId: null, deletedAt: null, name: 'A. Lovelace' });
  });

  test('is not of a contact with itself', () => {
    given(ada)
      .when(fact('ContactMerged', { absorbedId: id('contact') }))
      .refuses('invalid', 'data.absorbedId');
    given(ada)
      .when(fact('ContactMergedInto', { survivorId: id('contact') }))
      .refuses('invalid', 'data.survivorId');
  });
});
