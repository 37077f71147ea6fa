import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { each, eventsOf, recorded } from './definition.ts';
import * as field from './fields.ts';
import { ownerReferences } from './shared-state.ts';

/** Whose target or forecast: a person's, a team's, or with neither the whole workspace's. */
export interface Subject {
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
}

/** An amount for a person, a team or the workspace, over a period of days. */
export interface PeriodAmount extends Subject {
  /** The first day, and the one after the last. */
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
}

export type QuotaState = PeriodAmount;

export const initialQuota: QuotaState = {
  ownerId: null,
  teamId: null,
  periodStart: null,
  periodEnd: null,
  amountMinor: null,
  currency: null,
};

export const periodAmountFields = {
  ownerId: field.clearable(field.id),
  teamId: field.clearable(field.id),
  periodStart: field.date,
  periodEnd: field.date,
  amountMinor: field.amountMinor,
  currency: field.currency,
};

const define = eventsOf<QuotaState>('quota');

export const quotaEvents = {
  /** A target is one event and stays as it is; for the same subject and period, the one set last counts. */
  QuotaSet: define({
    creates: true,
    schema: z.strictObject(periodAmountFields),
    recorded: recorded<Subject>(),
    references: ownerReferences,
    writes: (data) => each(data, ['ownerId', 'teamId', 'periodStart', 'periodEnd', 'amountMinor', 'currency']),
  }),
};
