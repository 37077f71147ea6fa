import { describe, expect, test } from 'vitest';
import { activityCreation, activityChanges } from '../../../src/shared/domain/changes/activity-changes.ts';
import { contactChanges } from '../../../src/shared/domain/changes/contact-changes.ts';
import { dealChanges } from '../../../src/shared/domain/changes/deal-changes.ts';
import { changedFields, type Fields } from '../../../src/shared/domain/changes/event-draft.ts';
import { leadChanges } from '../../../src/shared/domain/changes/lead-changes.ts';
import { pipelineChanges } from '../../../src/server/resources/pipeline-changes.ts';
import { initialContact } from '../../../src/shared/contract/events/contact.ts';
import { initialDeal } from '../../../src/shared/contract/events/deal.ts';
import { initialLead } from '../../../src/shared/contract/events/lead.ts';
import type { JsonObject } from '../../../src/shared/base/json.ts';

const state = (fields: object, initial: object): JsonObject => ({ ...initial, ...fields });
const ofDeal = (patch: Fields, fields: object = {}) => {
  const deal = state(fields, initialDeal);
  return dealChanges(changedFields(patch, deal), deal);
};
const ofLead = (patch: Fields, fields: object = {}) => {
  const lead = state(fields, initialLead);
  return leadChanges(changedFields(patch, lead), lead, patch);
};
const ofContact = (patch: Fields, fields: object = {}) => {
  const contact = state(fields, initialContact);
  return contactChanges(changedFields(patch, contact), contact);
};

describe('what a patch changes', () => {
  test('is the fields that differ, custom fields key by key', () => {
    const before = { name: 'A', title: null, customFields: { a: 1, b: 2 } };
    const patch = { name: 'A', title: null, source: 'web', customFields: { a: 1, b: 3, c: null } };
    expect(changedFields(patch, before)).toEqual({ source: 'web', customFields: { b: 3 } });
  });

  test('is nothing where all is as it was', () => {
    expect(
      changedFields({ emails: [{ primary: true, value: 'a' }] }, { emails: [{ value: 'a', primary: true }] }),
    ).toEqual({});
  });
});

describe('a patch of a deal', () => {
  test('in another currency is a revaluation of the whole amount', () => {
    const money = { amountMinor: 100, currency: 'EUR' };
    expect(ofDeal({ currency: 'JPY' }, money)).toEqual([
      { type: 'DealCurrencyChanged', data: { amountMinor: 100, currency: 'JPY' } },
    ]);
    expect(ofDeal({ amountMinor: 5, currency: 'EUR' }, money)).toEqual([
      { type: 'DealAmountChanged', data: { amountMinor: 5 } },
    ]);
    expect(ofDeal({ amountMinor: 5, currency: 'EUR' })).toEqual([
      { type: 'DealAmountChanged', data: { amountMinor: 5, currency: 'EUR' } },
    ]);
  });

  test('moves to another pipeline and stage in one event', () => {
    expect(ofDeal({ pipelineId: 'p', stageId: 's' })).toEqual([
      { type: 'DealMovedToPipeline', data: { pipelineId: 'p', stageId: 's' } },
    ]);
    expect(ofDeal({ pipelineId: 'p', stageId: 's' }, { pipelineId: 'p' })).toEqual([
      { type: 'DealStageChanged', data: { stageId: 's' } },
    ]);
  });

  test('links and unlinks contacts one by one', () => {
    expect(ofDeal({ contactIds: ['b', 'c'] }, { contactIds: ['a', 'b'] })).toEqual([
      { type: 'DealContactUnlinked', data: { contactId: 'a' } },
      { type: 'DealContactLinked', data: { contactId: 'c' } },
    ]);
  });

  test('of the team alone names the present owner', () => {
    expect(ofDeal({ teamId: 't' }, { ownerId: 'o' })).toEqual([
      { type: 'DealAssigned', data: { ownerId: 'o', teamId: 't' } },
    ]);
  });
});

describe('a patch of a lead', () => {
  test('takes another reason for the same status as a change', () => {
    const before = { status: 'unqualified', reason: 'budget' };
    expect(ofLead({ status: 'unqualified', reason: 'budget' }, before)).toEqual([]);
    expect(ofLead({ status: 'unqualified', reason: 'timing' }, before)).toEqual([
      { type: 'LeadStatusChanged', data: { status: 'unqualified', reason: 'timing' } },
    ]);
  });
});

describe('a patch of a contact', () => {
  test('unlinks the company it had', () => {
    expect(ofContact({ companyId: null }, { companyId: 'c' })).toEqual([
      { type: 'ContactUnlinkedFromCompany', data: { companyId: 'c' } },
    ]);
    expect(ofContact({ companyId: null })).toEqual([]);
  });

  test('changes a role by linking again', () => {
    expect(ofContact({ companyRole: 'CTO' }, { companyId: 'c' })).toEqual([
      { type: 'ContactLinkedToCompany', data: { companyId: 'c', role: 'CTO' } },
    ]);
  });

  test('records consent only where it changes', () => {
    const consents = { email: { status: 'granted', purpose: null, basis: null } };
    expect(ofContact({ consents: { email: { status: 'granted' } } }, { consents })).toEqual([]);
    expect(ofContact({ consents: { sms: { status: 'denied', basis: null } } }, { consents })).toEqual([
      { type: 'ContactConsentChanged', data: { channel: 'sms', status: 'denied' } },
    ]);
  });
});

describe('an activity', () => {
  test('that is due is planned, any other is logged', () => {
    expect(activityCreation({ kind: 'call', dueAt: 't', subject: 's' }).type).toBe('ActivityScheduled');
    expect(activityCreation({ kind: 'task', subject: 's' }).type).toBe('ActivityScheduled');
    expect(activityCreation({ kind: 'call', direction: 'in' })).toEqual({
      type: 'CallLogged',
      data: { direction: 'in' },
    });
  });

  test('is completed or canceled by its status', () => {
    const given = { status: 'completed', outcome: 'fine' };
    expect(activityChanges(given, {}, given)).toEqual([{ type: 'ActivityCompleted', data: { outcome: 'fine' } }]);
    const canceled = { status: 'canceled', reason: 'ill' };
    expect(activityChanges(canceled, {}, canceled)).toEqual([{ type: 'ActivityCanceled', data: { reason: 'ill' } }]);
  });
});

describe('a patch of a pipeline', () => {
  const stage = (id: string) => ({
    id,
    name: id,
    kind: 'open',
    probabilityBp: 100,
    rottenAfterDays: null,
    archivedAt: null,
  });
  const pipeline = { name: 'P', stages: [stage('a'), stage('b')] } as unknown as JsonObject;

  test('in the same order and words makes no event', () => {
    const stages = [{ id: 'a', name: 'a' }, { id: 'b' }];
    expect(pipelineChanges({ stages }, pipeline, { stages }, () => 'new')).toEqual([]);
  });

  test('adds what has no id and puts all in the order given', () => {
    const stages = [{ id: 'b' }, { name: 'c', kind: 'open', probabilityBp: 5 }];
    expect(pipelineChanges({ stages }, pipeline, { stages }, () => 'new')).toEqual([
      { type: 'StageAdded', data: { stageId: 'new', name: 'c', kind: 'open', probabilityBp: 5 } },
      { type: 'StagesReordered', data: { stageIds: ['b', 'new'] } },
    ]);
  });
});
