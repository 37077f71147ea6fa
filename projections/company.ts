import { type CompanyState, initialCompany } from '../src/shared/contract/events/company.ts';
import { copy, customFieldsColumn, recordProjection, type RecordTable } from './record.ts';

const field = copy<CompanyState>;

const spec: RecordTable<CompanyState> = {
  name: 'company',
  comment: 'Companies that we deal with. One row a company.',
  initial: initialCompany,
  columns: {
    name: field('name', 'text', 'The name of the company.'),
    domain: field('domain', 'text', 'Its internet domain.'),
    industry: field('industry', 'text', 'Its industry.'),
    size: {
      type: 'text',
      comment: 'How many people work there: a number, or a range.',
      value: ({ size }) => (size === null ? null : String(size)),
    },
    address: field('address', 'text', 'Its address.'),
    parent_id: field('parentId', 'uuid', 'The company it belongs to.'),
    owner_id: field('ownerId', 'uuid', 'The user who owns it; null: the unassigned pool.'),
    team_id: field('teamId', 'uuid', 'The team it belongs to.'),
    merged_into_id: field('mergedIntoId', 'uuid', 'The company that took this one in; null in this view.'),
    custom_fields: customFieldsColumn,
    deleted_at: field('deletedAt', 'timestamptz', 'When it was deleted; null in this view.'),
  },
  indexes: ['created_at, id', 'owner_id', 'parent_id'],
  search: ({ name, domain }) => [name, domain],
  shown: 'deleted_at is null',
};

export const company = recordProjection('company', 1, spec);
