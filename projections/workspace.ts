import { initialWorkspace, type WorkspaceState } from '../src/shared/contract/events/workspace.ts';
import { copy, recordProjection, type RecordTable } from './record.ts';

const field = copy<WorkspaceState>;

const spec: RecordTable<WorkspaceState> = {
  name: 'workspace',
  comment: 'The workspace and its settings. One row.',
  initial: initialWorkspace,
  columns: {
    name: field('name', 'text', 'The name of the workspace.'),
    time_zone: field('timeZone', 'text not null', 'The time zone whose days, weeks and quarters analytics count.'),
    base_currency: field('baseCurrency', 'text not null', 'The ISO 4217 code of the currency that sums are in.'),
    sharing: field('sharing', 'text not null', 'everyone, team or owner.'),
    fiscal_year_start: field('fiscalYearStart', 'integer not null', 'The month in which the fiscal year begins.'),
  },
  indexes: [],
};

export const workspace = recordProjection('workspace', 1, spec);
