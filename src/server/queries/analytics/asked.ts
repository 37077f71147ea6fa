import type { Question } from './question.ts';
import type { Summary } from './closings-summary.ts';
import { rate, type Rate } from './rate.ts';

/** What every metric says about how it was asked. */
export interface Asked {
  /** The moment; null: now. */
  readonly asOf:
    | { readonly clock: 'recorded'; readonly position: number }
    | { readonly clock: 'occurred'; readonly time: string }
    | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly timeZone: string;
  /** Of all amounts; null where several occur: then rows are apart by currency. */
  readonly currency: string | null;
  readonly currencies: readonly string[];
  /** What rows are grouped by. */
  readonly groupedBy: readonly string[];
}

/** How a metric was asked, and in which currencies it is answered. */
export const askedOf = (
  { filter, view, baseCurrency, timeZone }: Question,
  currencies: readonly string[],
  groups: readonly string[],
): Asked => {
  const several = currencies.length > 1;
  const [currency = filter.currency ?? baseCurrency] = currencies;
  return {
    asOf: view.clock === 'now' ? null : view.clock === 'recorded' ? view : { clock: 'occurred', time: view.before },
    from: filter.from ?? null,
    to: filter.to ?? null,
    timeZone,
    currency: several ? null : currency,
    currencies: currencies.length === 0 ? [currency] : currencies,
    groupedBy: several && !groups.includes('currency') ? [...groups, 'currency'] : groups,
  };
};

/** won / (won + lost) by count and, within one currency, by value. */
export interface WinRates extends Rate {
  readonly byValue: Rate | null;
}

export const winRatesOf = ({ won, lost, wonMinor, lostMinor }: Summary, oneCurrency: boolean): WinRates => ({
  ...rate(won, won + lost, won + lost),
  byValue: oneCurrency ? rate(wonMinor, wonMinor + lostMinor, won + lost) : null,
});
