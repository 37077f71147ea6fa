import { type Models, modelsOf } from '../sql.ts';
import type { Metric } from './metric.ts';
import { pricesAt } from './prices.ts';
import type { Question } from './question.ts';

/** What every answer says about its money, beside its currencies. */
export interface Conversion {
  /** Whether the amounts of several currencies are told in the base currency. */
  readonly converted: boolean;
  /** The currencies that kept them from it. */
  readonly withoutRate: readonly string[];
}

interface Answer {
  readonly currencies: readonly string[];
}

/**
 * A metric's answer in the base currency, where several currencies occur and every amount has a rate: closed deals the one
 * that was frozen, open ones the newest at the question's moment. Else rows stay apart by currency, and the answer names
 * those without a rate. Who deals in one currency pays nothing for it, who deals in several asks twice.
 */
export const askInBaseCurrency = async (
  models: Models,
  metric: Metric,
  question: Question,
): Promise<Answer & Conversion> => {
  const apart = (await metric.ask(models, question)) as Answer;
  if (apart.currencies.length <= 1 || question.filter.groupBy === 'currency')
    return { ...apart, converted: false, withoutRate: [] };
  const { postgres } = models;
  const prices = await pricesAt(postgres, question);
  // Columns hold neither forty digits behind the point nor what past closings were frozen at.
  const isPlain = prices.size === 0 && question.view.clock === 'now';
  const together = (await metric.ask(isPlain ? models : modelsOf(postgres, postgres), {
    ...question,
    prices,
  })) as Answer;
  const withoutRate = together.currencies.filter((currency) => currency !== question.baseCurrency);
  return withoutRate.length === 0
    ? { ...(rounded(together) as Answer), currencies: apart.currencies, converted: true, withoutRate }
    : { ...apart, converted: false, withoutRate };
};

/** Amounts are rounded here, once each, half away from zero: until now they were sums of what the rates made of them. */
const rounded = (part: unknown): unknown => {
  if (Array.isArray(part)) return part.map(rounded);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key,
      key.endsWith('Minor') && typeof value === 'number' ? whole(value) : rounded(value),
    ]),
  );
};

const whole = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));
