import { sql } from 'kysely';
import { converted, fractionOf, type Fraction } from '../../../shared/base/exchange.ts';
import { readModel } from '../read-model.ts';
import { allOf, rowsOf, type Fragment, type Runner } from '../sql.ts';
import type { Look, Question } from './question.ts';

/** What one minor unit of each currency is worth in minor units of the base currency, exactly. */
export type Prices = ReadonlyMap<string, Fraction>;

interface Row {
  readonly currency: string;
  readonly base: string;
  readonly quote: string;
  readonly rate: string;
}

const ONE = fractionOf('1');

/** Whether a record that is one event was there at the question's moment. */
export const knownAt = ({ view }: Question, alias: string): Fragment => {
  if (view.clock === 'now') return sql`true`;
  return view.clock === 'recorded'
    ? sql`${sql.ref(`${alias}.position`)} <= ${view.position}::bigint`
    : sql`${sql.ref(`${alias}.created_at`)} < ${view.before}::timestamptz`;
};

/** The newest price of each currency at the question's moment, by the day it is for; of one day the one recorded last. */
export const pricesAt = async (runner: Runner, question: Question): Promise<Prices> => {
  const { viewer, baseCurrency, at, timeZone } = question;
  // A moment that is a day's end belongs to that day.
  const day = sql`((${at}::timestamptz - interval '1 millisecond') at time zone ${timeZone})::date`;
  // Rates are the whole workspace's: there is no scope to look at.
  const conditions = [
    sql`r.workspace_id = ${viewer.workspaceId}::uuid`,
    sql`${baseCurrency}::text in (r.base, r.quote)`,
    sql`r.as_of <= ${day}`,
    knownAt(question, 'r'),
  ];
  const rows = await rowsOf<Row>(
    runner,
    sql`select distinct on (1) case when r.base = ${baseCurrency} then r.quote else r.base end as currency,
               r.base, r.quote, trim_scale(r.rate)::text as rate
        from ${readModel('exchange_rate')} r
        where ${allOf(conditions)}
        order by 1, r.as_of desc, r.position desc`,
  );
  return new Map(rows.map(({ currency, ...price }) => [currency, converted(ONE, currency, price)]));
};

/** An amount of `alias` at those prices, unrounded, and its currency then; as they are where there are no prices. */
export interface Money {
  readonly amount: Fragment;
  readonly weighted: Fragment;
  readonly currency: Fragment;
}

/** Forty digits behind the point: a division that never ends is off by less than any sum shows. */
const priced = (prices: Prices, currency: Fragment, amount: Fragment): Fragment => {
  if (prices.size === 0) return amount;
  const cases = [...prices].map(
    ([code, { numerator, denominator }]) =>
      sql`when ${code} then (${amount})::numeric(60, 40) * ${String(numerator)}::numeric / ${String(denominator)}::numeric`,
  );
  return sql`case ${currency} ${sql.join(cases, sql` `)} else ${amount} end`;
};

/**
 * The money of the rows of `alias`, which have amount_minor and currency.
 *
 * @param weighted amount × probability in the row's own currency
 */
export const moneyOf = ({ prices, baseCurrency }: Look, alias: string, weighted: Fragment): Money => {
  const [amount, currency] = [sql.ref(`${alias}.amount_minor`), sql.ref(`${alias}.currency`)];
  if (prices === undefined) return { amount, weighted, currency };
  const codes = [...prices.keys()];
  return {
    amount: priced(prices, currency, amount),
    weighted: priced(prices, currency, weighted),
    currency: sql`case when ${currency} = any(${codes}::text[]) then ${baseCurrency} else ${currency} end`,
  };
};
