import * as z from 'zod';

/** Parts of what metrics answer, as /docs shows them. */
export const number = z.number().nullable();
export const rateSchema = z.strictObject({
  value: number,
  numerator: z.number(),
  denominator: z.number(),
  n: z.int(),
});
export const winRatesSchema = z.strictObject({ ...rateSchema.shape, byValue: rateSchema.nullable() });

/** How the metric was asked: the moment, the period, and in which currency. */
const asked = {
  asOf: z
    .union([
      z.strictObject({ clock: z.literal('recorded'), position: z.int() }),
      z.strictObject({ clock: z.literal('occurred'), time: z.string() }),
    ])
    .nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  timeZone: z.string(),
  currency: z.string().nullable(),
  currencies: z.array(z.string()),
  converted: z.boolean(),
  withoutRate: z.array(z.string()),
  groupedBy: z.array(z.string()),
};

/** A metric's answer: how it was asked, its totals, and rows that also carry their group: `ownerId` and `owner`, `month` … */
export const answerOf = (totals: z.ZodRawShape, row: z.ZodRawShape): z.ZodType =>
  z.strictObject({ ...asked, ...totals, rows: z.array(z.looseObject(row)) });
