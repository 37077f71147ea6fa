import * as z from 'zod/mini';
import { each, eventsOf } from './definition.ts';
import * as field from './fields.ts';

/** One unit of `base` is worth `rate` units of `quote` on a day. */
export interface RateState {
  readonly base: string | null;
  readonly quote: string | null;
  /** A decimal, as text: a number would lose digits. */
  readonly rate: string | null;
  /** The day from which it holds, until a rate of a later day. */
  readonly asOf: string | null;
  readonly source: string | null;
}

export const initialRate: RateState = { base: null, quote: null, rate: null, asOf: null, source: null };

const define = eventsOf<RateState>('rate');

/** At most 9 digits before the point and 12 behind it; above 0. */
const decimal = z
  .string()
  .check(z.regex(/^(?!0(\.0+)?$)(0|[1-9]\d{0,8})(\.\d{1,12})?$/, 'must be a decimal above 0 as text, like "1.0825"'));

export const rateEvents = {
  /** A rate is one event and stays as it is; for the same pair and day, the one recorded last counts. */
  ExchangeRateRecorded: define({
    creates: true,
    schema: z.strictObject({
      base: field.currency,
      quote: field.currency,
      rate: decimal,
      asOf: field.date,
      source: field.absentable(field.text(200)),
    }),
    writes: (data) => each(data, ['base', 'quote', 'rate', 'asOf', 'source']),
  }),
};
