import { type Fraction, fractionOf } from '../../../shared/base/exchange.ts';
import type { Runner } from '../sql.ts';
import { pricesAt } from './prices.ts';
import type { Question } from './question.ts';

/** Minor units of one currency in those of another, by the rates of the moment; undefined where one is missing. */
export type Exchanger = (minor: number, from: string, to: string) => Fraction | undefined;

/** @param isNeeded whether several currencies meet; where they do not, no rates are read */
export const exchangerOf = async (runner: Runner, question: Question, isNeeded: boolean): Promise<Exchanger> => {
  const prices = question.prices ?? (isNeeded ? await pricesAt(runner, question) : new Map<string, Fraction>());
  const priceOf = (currency: string): Fraction | undefined =>
    currency === question.baseCurrency ? fractionOf('1') : prices.get(currency);
  return (minor, from, to) => {
    if (from === to) return fractionOf(String(minor));
    const [one, other] = [priceOf(from), priceOf(to)];
    if (one === undefined || other === undefined) return undefined;
    return {
      numerator: BigInt(minor) * one.numerator * other.denominator,
      denominator: one.denominator * other.numerator,
    };
  };
};
