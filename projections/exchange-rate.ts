import { initialRate, type RateState } from '../src/shared/contract/events/rate.ts';
import { copy, recordProjection, type RecordTable } from './record.ts';

const field = copy<RateState>;

const spec: RecordTable<RateState> = {
  name: 'exchange_rate',
  comment: 'Exchange rates: one unit of base is worth rate units of quote. One row a recorded rate.',
  initial: initialRate,
  columns: {
    base: field('base', 'text', 'The ISO 4217 code of the currency of which one unit is priced.'),
    quote: field('quote', 'text', 'The ISO 4217 code of the currency that the price is in.'),
    rate: field('rate', 'numeric(21, 12)', 'How many units of quote one unit of base is worth.'),
    as_of: field('asOf', 'date', 'The day from which it holds; of one pair and day the highest position counts.'),
    source: field('source', 'text', 'Where the rate is from.'),
  },
  indexes: ['as_of', 'base, quote, as_of, position'],
};

export const exchangeRate = recordProjection('rate', 1, spec);
