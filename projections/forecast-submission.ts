import { type ForecastState, initialForecast } from '../src/shared/contract/events/forecast.ts';
import { periodAmountColumns } from './quota.ts';
import { copy, recordProjection, type RecordTable } from './record.ts';

const field = copy<ForecastState>;

const spec: RecordTable<ForecastState> = {
  name: 'forecast_submission',
  comment:
    'What people said would be won. One row a submission; of one subject and period the highest position counts.',
  initial: initialForecast,
  columns: {
    ...periodAmountColumns<ForecastState>(),
    note: field('note', 'text', 'What was said with it.'),
    submitted_by: field('submittedBy', 'uuid', 'The user who submitted it: the owner, or somebody above.'),
  },
  indexes: ['period_start'],
};

export const forecastSubmission = recordProjection('forecast', 1, spec);
