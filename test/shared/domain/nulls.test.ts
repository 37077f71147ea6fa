import { describe, expect, test } from 'vitest';
import { definitionOf, type EventType } from '../../../src/shared/contract/events/registry.ts';
import { fact, given, id, malformed } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

const ada = fact('LeadCreated', { name: 'Ada' });
const emails = [{ value: 'ada@example.com', primary: true }];
const phones = [{ value: '+44 1' }];
const about = { type: 'lead', id: id('lead') };

describe('null in a change of details', () => {
  test.each([
    ['LeadCreated', 'LeadDetailsChanged'],
    ['ContactCreated', 'ContactDetailsChanged'],
  ] as const)('clears the lists and custom fields that %s filled', (created, changed) => {
    given(fact(created, { name: 'Ada', emails, phones, customFields: { a: 1, b: 2 } }))
      .when(fact(changed, { emails: null, phones: null, customFields: null } as never))
      .leaves({ emails: [], phones: [] })
      .leavesExactly('customFields', {});
  });

  test.each([
    ['CompanyCreated', 'CompanyDetailsChanged'],
    ['DealCreated', 'DealDetailsChanged'],
  ] as const)('clears the custom fields that %s filled', (created, changed) => {
    given(salesPipeline, fact(created, { name: 'Engine', customFields: { a: 1 } }))
      .when(fact(changed, { customFields: null }))
      .leavesExactly('customFields', {});
  });

  test('takes away no custom field that a newer change has set', () => {
    const newer = fact('LeadDetailsChanged', { customFields: { a: 2 } }, { minute: 9 });
    given(fact('LeadCreated', { name: 'Ada', customFields: { a: 1, b: 1 } }), newer)
      .when(fact('LeadDetailsChanged', { customFields: null }, { minute: 5 }))
      .loses('customFields.a')
      .leavesExactly('customFields', { a: 2 });
  });
});

const CREATIONS: readonly (readonly [EventType, object])[] = [
  ['LeadCreated', { name: 'Ada' }],
  ['ContactCreated', { name: 'Ada' }],
  ['CompanyCreated', { name: 'Acme' }],
  ['DealCreated', { name: 'Engine' }],
  ['ActivityScheduled', { kind: 'call', subject: 'Ring', dueAt: '2026-12-01T09:00:00Z' }],
  ['CallLogged', { about, direction: 'out' }],
  ['EmailLogged', { about, direction: 'out' }],
  ['MeetingLogged', { about }],
];

describe('null in a creation', () => {
  test.each(CREATIONS)('of %s says the same as leaving the field out', (type, data) => {
    const { shape } = definitionOf(type).schema as unknown as { shape: Record<string, unknown> };
    const names = Object.keys(shape).filter((name) => !(name in data) && name !== 'ownerId' && name !== 'teamId');
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    expect(names.length).toBeGreaterThan(0);
    const stored = (sent: object) => {
      const parsed = definitionOf(type).schema.safeParse(sent);
      expect(parsed.error?.issues ?? []).toEqual([]);
      return JSON.stringify(parsed.data);
    };
    expect(stored({ ...data, ...nulls })).toBe(stored(data));
  });

  test('keeps its meaning for the owner: nobody', () => {
    given()
      .when(fact('LeadCreated', { name: 'Ada', ownerId: null }))
      .leaves({ ownerId: null });
  });

  test('does not make up for what a creation needs', () => {
    given()
      .when(malformed('LeadCreated', { name: null }))
      .refuses('invalid', 'data');
    given()
      .when(malformed('ContactCreated', { name: null }))
      .refuses('invalid', 'data.name');
    given(ada)
      .when(malformed('NoteAdded', { about, body: null }))
      .refuses('invalid', 'data.body');
  });
});
