import type { Json, JsonObject } from '../src/shared/base/json.ts';
import { initialLead, type LeadState } from '../src/shared/contract/events/lead.ts';
import { eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { type Change, changeOf } from './history.ts';
import { leadHistoryRows, leadHistoryTable, NO_LEAD } from './lead-history.ts';
import { projection } from './projection.ts';
import {
  copy,
  copyPersonal,
  customFieldsColumn,
  primaryOf,
  recordAfter,
  recordBefore,
  type RecordOf,
  rowMaker,
  type RecordTable,
  tableOf,
  writesOf,
} from './record.ts';

const field = copy<LeadState>;
const personal = copyPersonal<LeadState>;

const spec: RecordTable<LeadState> = {
  name: 'lead',
  comment: 'Leads: people or companies that may become customers. One row a lead.',
  initial: initialLead,
  columns: {
    name: personal('name', 'text', 'The name of the person.'),
    company_name: field('companyName', 'text', 'The company, as it was written down.'),
    title: personal('title', 'text', 'The job title of the person.'),
    email: {
      type: 'text',
      comment: 'The primary e-mail address, else the first.',
      value: ({ emails }) => primaryOf(emails),
      personal: true,
    },
    phone: {
      type: 'text',
      comment: 'The primary telephone number, else the first.',
      value: ({ phones }) => primaryOf(phones),
      personal: true,
    },
    source: field('source', 'text', 'Where the lead came from.'),
    campaign: field('campaign', 'text', 'The campaign that brought it.'),
    status: field('status', 'text not null', 'new, contacted, qualified or unqualified.'),
    status_reason: field('reason', 'text', 'Why it has this status, where a reason was given.'),
    priority: field('priority', 'text not null', 'low, normal or high.'),
    score: field('score', 'integer', 'The newest score.'),
    amount_minor: field('amountMinor', 'bigint', 'The expected amount, in minor units of the currency.'),
    currency: field('currency', 'text', 'The ISO 4217 code of the amount.'),
    owner_id: field('ownerId', 'uuid', 'The user who owns it; null: the unassigned pool.'),
    team_id: field('teamId', 'uuid', 'The team it belongs to.'),
    converted_at: field('convertedAt', 'timestamptz', 'When it was converted; null: not yet.'),
    contact_id: field('contactId', 'uuid', 'The contact it was converted into.'),
    company_id: field('companyId', 'uuid', 'The company it was converted into.'),
    deal_id: field('dealId', 'uuid', 'The deal it was converted into.'),
    custom_fields: { ...customFieldsColumn, personal: true },
    deleted_at: field('deletedAt', 'timestamptz', 'When it was deleted; null in this view.'),
  },
  // None by status: it would take every change of one out of PostgreSQL's heap-only updates.
  indexes: ['created_at, id', 'owner_id'],
  search: ({ name, companyName, emails, phones }) => [
    name,
    companyName,
    ...emails.map((email) => email.value),
    ...phones.map((phone) => phone.value),
  ],
  shown: 'deleted_at is null',
};

const stateColumns = {
  first_source: { type: 'text', comment: 'Where it came from when it was created, whatever was said later.' },
  changes: { type: 'json not null', comment: 'What its history follows.', internal: true },
} as const;

type State = {
  readonly record: JsonObject;
  readonly position: number;
  readonly first_source: string | null;
  readonly changes: readonly Json[];
};

const changesOf = (changes: readonly Json[]) => changes as unknown as readonly Change[];

/** Leads as they are, and as they were on both clocks. */
export const lead = projection<State>({
  name: 'lead',
  version: 3,
  tables: [tableOf(spec, stateColumns), leadHistoryTable],
  state: ['record', 'position', 'first_source', 'changes'],
  stream: 'lead',
  handles: eventTypesOf('lead'),
  fold: (state, event) => {
    const before = recordBefore(state?.record, event, spec.initial);
    const writes = writesOf(event, before);
    const change = changeOf(event, writes, NO_LEAD);
    const changes = state?.changes ?? [];
    return {
      record: recordAfter(before, event, writes),
      position: event.position,
      first_source:
        event.type === 'LeadCreated'
          ? ((event.data['source'] ?? null) as string | null)
          : (state?.first_source ?? null),
      changes: change === undefined ? changes : [...changes, change],
    };
  },
  row: rowMaker(spec, stateColumns),
  rows: ({ record, changes, first_source: firstSource }) => ({
    lead_history: leadHistoryRows(record as unknown as RecordOf<LeadState>, changesOf(changes), firstSource),
  }),
});
