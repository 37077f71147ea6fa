import { type ContactState, initialContact } from '../src/shared/contract/events/contact.ts';
import { copy, copyPersonal, customFieldsColumn, primaryOf, recordProjection, type RecordTable } from './record.ts';

const field = copy<ContactState>;
const personal = copyPersonal<ContactState>;

const spec: RecordTable<ContactState> = {
  name: 'contact',
  comment: 'Contacts: people that we know. One row a contact.',
  initial: initialContact,
  columns: {
    name: personal('name', 'text', 'The name of the person.'),
    title: personal('title', 'text', 'The job title.'),
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
    company_id: field('companyId', 'uuid', 'The company the person works for.'),
    company_role: field('companyRole', 'text', 'What the person does there.'),
    source_lead_id: field('sourceLeadId', 'uuid', 'The lead this contact was made from.'),
    owner_id: field('ownerId', 'uuid', 'The user who owns it; null: the unassigned pool.'),
    team_id: field('teamId', 'uuid', 'The team it belongs to.'),
    merged_into_id: field('mergedIntoId', 'uuid', 'The contact that took this one in; null in this view.'),
    custom_fields: { ...customFieldsColumn, personal: true },
    deleted_at: field('deletedAt', 'timestamptz', 'When it was deleted; null in this view.'),
  },
  indexes: ['created_at, id', 'owner_id', 'company_id'],
  search: ({ name, emails, phones }) => [
    name,
    ...emails.map((email) => email.value),
    ...phones.map((phone) => phone.value),
  ],
  shown: 'deleted_at is null',
};

export const contact = recordProjection('contact', 1, spec);
