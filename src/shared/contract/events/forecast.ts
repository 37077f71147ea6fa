import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { each, eventsOf, recorded } from './definition.ts';
import * as field from './fields.ts';
import { initialQuota, periodAmountFields, type PeriodAmount, type Subject } from './quota.ts';
import { ownerReferences } from './shared-state.ts';

/** What somebody says will be won in a period, for himself or for people below. */
export interface ForecastState extends PeriodAmount {
  readonly note: string | null;
  readonly submittedBy: Uuid | null;
}

export const initialForecast: ForecastState = { ...initialQuota, note: null, submittedBy: null };

const define = eventsOf<ForecastState>('forecast');

export const forecastEvents = {
  /** A submission is one event and stays as it is, so that its accuracy can be judged; the newest one counts. */
  ForecastSubmitted: define({
    creates: true,
    schema: z.strictObject({ ...periodAmountFields, note: field.absentable(field.note) }),
    recorded: recorded<Subject & { readonly submittedBy: Uuid }>(),
    references: ownerReferences,
    writes: (data) =>
      each(data, ['ownerId', 'teamId', 'periodStart', 'periodEnd', 'amountMinor', 'currency', 'note', 'submittedBy']),
  }),
};
