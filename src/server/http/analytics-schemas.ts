import * as z from 'zod/mini';

const number = z.nullable(z.number());
const rate = z.strictObject({ value: number, numerator: z.number(), denominator: z.number(), n: z.int() });
const winRates = { ...rate.shape, byValue: z.nullable(rate) };
const cycle = z.strictObject({ meanDays: number, medianDays: number, n: z.int() });

/** How the metric was asked: the moment, the period, and in which currency. */
const asked = {
  asOf: z.nullable(
    z.union([
      z.strictObject({ clock: z.literal('recorded'), position: z.int() }),
      z.strictObject({ clock: z.literal('occurred'), time: z.string() }),
    ]),
  ),
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  timeZone: z.string(),
  currency: z.nullable(z.string()),
  currencies: z.array(z.string()),
  groupedBy: z.array(z.string()),
};

const amounts = { count: z.int(), amountMinor: z.nullable(z.int()), weightedMinor: z.nullable(z.int()) };
const velocity = {
  value: number,
  currency: z.nullable(z.string()),
  openDeals: z.int(),
  averageDeal: z.nullable(rate),
  winRate: z.strictObject(winRates),
  cycle: z.strictObject({ won: cycle, lost: cycle }),
};

/** Rows also carry the fields of their group: `ownerId` and `owner`, `month` … */
export const metricAnswers = {
  pipeline: z.strictObject({
    ...asked,
    ...amounts,
    rows: z.array(
      z.looseObject({
        pipelineId: z.string(),
        pipeline: z.nullable(z.string()),
        stageId: z.string(),
        stage: z.nullable(z.string()),
        currency: z.string(),
        count: z.int(),
        amountMinor: z.int(),
        weightedMinor: z.int(),
      }),
    ),
  }),
  'win-rate': z.strictObject({
    ...asked,
    ...winRates,
    rows: z.array(z.looseObject({ currency: z.string(), ...winRates })),
  }),
  velocity: z.strictObject({ ...asked, ...velocity, rows: z.array(z.looseObject(velocity)) }),
  leaderboard: z.strictObject({
    ...asked,
    rows: z.array(
      z.looseObject({
        currency: z.string(),
        won: z.int(),
        lost: z.int(),
        wonAmountMinor: z.int(),
        winRate: z.strictObject(winRates),
      }),
    ),
  }),
} as const;
