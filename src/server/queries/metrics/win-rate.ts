import * as z from 'zod';
import { answerOf, winRatesSchema } from '../analytics/answer-schemas.ts';
import { GROUPS } from '../analytics/filter.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { closedDeals } from '../analytics/closings-summary.ts';
import { groupingOf } from '../analytics/grouping.ts';
import { askedOf, winRatesOf, type Asked, type WinRates } from '../analytics/asked.ts';
import type { Runner } from '../sql.ts';

export interface WinRateAnswer extends Asked, WinRates {
  readonly rows: readonly (WinRates & Readonly<Record<string, unknown>>)[];
}

/** Won over won and lost, by the last closing of each deal. The rate by value compares amounts of one currency only. */
const ask = async (runner: Runner, question: Question): Promise<WinRateAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const closed = await closedDeals(runner, question, grouping);
  const { currencies } = closed;
  const rows = closed.groups.map((group) => ({
    ...grouping.fields(group.key, group.name),
    currency: group.currency,
    ...winRatesOf(group, true),
  }));
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    ...winRatesOf(closed.total, currencies.length <= 1),
    rows: groupBy === undefined && currencies.length <= 1 ? [] : rows,
  };
};

export const winRate = metric({
  summary: 'Won over won and lost, by count and by value',
  groups: GROUPS.filter((group) => group !== 'stage' && group !== 'direction'),
  answer: answerOf(winRatesSchema.shape, { currency: z.string(), ...winRatesSchema.shape }),
  ask,
});
