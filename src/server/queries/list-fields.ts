import type { StreamType } from '../../shared/contract/streams.ts';
import type { ReadModelTable } from './read-model.ts';

/** What a column holds, so that a parameter or a page token is checked before PostgreSQL sees it. */
export type Kind = 'text' | 'id' | 'instant' | 'date' | 'integer' | 'boolean';

/** A query parameter of a list and the condition it stands for. */
export interface FilterField {
  readonly column: string;
  readonly kind: Kind;
  /**
   * `=` also takes a comma-separated list and, for ids, the word `null`; `contains` finds any of a list in a column that
   * holds several; `present` asks whether there is a value.
   */
  readonly operator: '=' | '>=' | '<' | 'present' | 'contains';
}

export interface SortField {
  readonly column: string;
  readonly kind: 'text' | 'instant' | 'date' | 'integer';
  /** Rows without a value come last, whatever the direction. */
  readonly nullable: boolean;
}

/** A list: its read model and the only parameters it takes. */
export interface ListSpec {
  readonly table: ReadModelTable;
  readonly stream: StreamType;
  readonly filters: Readonly<Record<string, FilterField>>;
  readonly sorts: Readonly<Record<string, SortField>>;
  readonly searchable: boolean;
  /** Whether its records can be deleted: a column deleted_at, and the parameter `deleted`. */
  readonly deletable: boolean;
}

const equal = (column: string, kind: Kind): FilterField => ({ column, kind, operator: '=' });
const present = (column: string): FilterField => ({ column, kind: 'boolean', operator: 'present' });

/** `<name>From` and `<name>To`: half-open. */
const between = (name: string, column: string, kind: Kind): Record<string, FilterField> => ({
  [`${name}From`]: { column, kind, operator: '>=' },
  [`${name}To`]: { column, kind, operator: '<' },
});

const owned = {
  ownerId: equal('owner_id', 'id'),
  teamId: equal('team_id', 'id'),
} as const;
const dated = {
  ...between('created', 'created_at', 'instant'),
  ...between('updated', 'updated_at', 'instant'),
};
const ofPeriod = { ...owned, ...between('periodStart', 'period_start', 'date'), currency: equal('currency', 'text') };
const datedSorts: Record<string, SortField> = {
  createdAt: { column: 'created_at', kind: 'instant', nullable: false },
  updatedAt: { column: 'updated_at', kind: 'instant', nullable: false },
};
const sortable = (column: string, kind: SortField['kind']): SortField => ({ column, kind, nullable: true });

/** The lists by their path under /api. */
export const LISTS = {
  leads: {
    table: 'lead',
    stream: 'lead',
    filters: {
      ...owned,
      ...dated,
      status: equal('status', 'text'),
      priority: equal('priority', 'text'),
      source: equal('source', 'text'),
      campaign: equal('campaign', 'text'),
      converted: present('converted_at'),
    },
    sorts: {
      ...datedSorts,
      name: sortable('name', 'text'),
      companyName: sortable('company_name', 'text'),
      score: sortable('score', 'integer'),
      amountMinor: sortable('amount_minor', 'integer'),
    },
    searchable: true,
    deletable: true,
  },
  contacts: {
    table: 'contact',
    stream: 'contact',
    filters: { ...owned, ...dated, companyId: equal('company_id', 'id'), sourceLeadId: equal('source_lead_id', 'id') },
    sorts: { ...datedSorts, name: sortable('name', 'text') },
    searchable: true,
    deletable: true,
  },
  companies: {
    table: 'company',
    stream: 'company',
    filters: {
      ...owned,
      ...dated,
      domain: equal('domain', 'text'),
      industry: equal('industry', 'text'),
      parentId: equal('parent_id', 'id'),
    },
    sorts: { ...datedSorts, name: sortable('name', 'text') },
    searchable: true,
    deletable: true,
  },
  deals: {
    table: 'deal',
    stream: 'deal',
    filters: {
      ...owned,
      ...dated,
      ...between('closed', 'closed_at', 'instant'),
      ...between('expectedClose', 'expected_close_date', 'date'),
      ...between('amount', 'amount_minor', 'integer'),
      pipelineId: equal('pipeline_id', 'id'),
      stageId: equal('stage_id', 'id'),
      outcome: equal('outcome', 'text'),
      // The same by the name that other lists have for it.
      status: equal('outcome', 'text'),
      companyId: equal('company_id', 'id'),
      contactId: { column: 'contact_ids', kind: 'id', operator: 'contains' },
      currency: equal('currency', 'text'),
      source: equal('source', 'text'),
      sourceLeadId: equal('source_lead_id', 'id'),
      forecastCategory: equal('forecast_category', 'text'),
    },
    sorts: {
      ...datedSorts,
      name: sortable('name', 'text'),
      amountMinor: sortable('amount_minor', 'integer'),
      expectedCloseDate: sortable('expected_close_date', 'date'),
      closedAt: sortable('closed_at', 'instant'),
    },
    searchable: true,
    deletable: true,
  },
  activities: {
    table: 'activity',
    stream: 'activity',
    filters: {
      ...dated,
      ownerId: owned.ownerId,
      kind: equal('kind', 'text'),
      status: equal('status', 'text'),
      aboutType: equal('about_type', 'text'),
      aboutId: equal('about_id', 'id'),
      ...between('due', 'due_at', 'instant'),
    },
    sorts: { ...datedSorts, dueAt: sortable('due_at', 'instant') },
    searchable: true,
    deletable: true,
  },
  pipelines: {
    table: 'pipeline',
    stream: 'pipeline',
    filters: {},
    sorts: { ...datedSorts, name: sortable('name', 'text') },
    searchable: false,
    deletable: false,
  },
  'exchange-rates': {
    table: 'exchange_rate',
    stream: 'rate',
    filters: {
      ...dated,
      base: equal('base', 'text'),
      quote: equal('quote', 'text'),
      ...between('asOf', 'as_of', 'date'),
    },
    sorts: { ...datedSorts, asOf: sortable('as_of', 'date') },
    searchable: false,
    deletable: false,
  },
  quotas: {
    table: 'quota',
    stream: 'quota',
    filters: { ...dated, ...ofPeriod },
    sorts: { ...datedSorts, periodStart: sortable('period_start', 'date') },
    searchable: false,
    deletable: false,
  },
  forecasts: {
    table: 'forecast_submission',
    stream: 'forecast',
    filters: { ...dated, ...ofPeriod, submittedBy: equal('submitted_by', 'id') },
    sorts: { ...datedSorts, periodStart: sortable('period_start', 'date') },
    searchable: false,
    deletable: false,
  },
} as const satisfies Record<string, ListSpec>;

export type ListName = keyof typeof LISTS;
