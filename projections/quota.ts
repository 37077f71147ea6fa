import { initialQuota, type PeriodAmount, type QuotaState } from '../src/shared/contract/events/quota.ts';
import { copy, type RecordColumn, recordProjection, type RecordTable } from './record.ts';

/** The columns of an amount for somebody over a period. */
export const periodAmountColumns = <Fields extends PeriodAmount>(): Record<string, RecordColumn<Fields>> => ({
  owner_id: copy('ownerId', 'uuid', 'The user whose it is; null: a team’s or the workspace’s.'),
  team_id: copy('teamId', 'uuid', 'The team whose it is; null with no owner: the whole workspace’s.'),
  period_start: copy('periodStart', 'date', 'The first day of the period.'),
  period_end: copy('periodEnd', 'date', 'The day after the last one of the period.'),
  amount_minor: copy('amountMinor', 'bigint', 'The amount, in minor units of the currency.'),
  currency: copy('currency', 'text', 'The ISO 4217 code of the amount.'),
});

const spec: RecordTable<QuotaState> = {
  name: 'quota',
  comment: 'Targets. One row a target that was set; of one subject and period the highest position counts.',
  initial: initialQuota,
  columns: periodAmountColumns<QuotaState>(),
  indexes: ['period_start'],
};

export const quota = recordProjection('quota', 1, spec);
