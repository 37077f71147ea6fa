import { sql } from 'kysely';
import type { Question } from './question.ts';
import { closings } from './deals-at.ts';
import type { Grouping } from './grouping.ts';
import { rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from './in-order.ts';

/** Closed deals together: counts, sums of minor units, sums of closed − created in milliseconds. */
export interface Summary {
  /** null: several currencies together, so its amounts mean nothing. */
  readonly currency: string | null;
  readonly won: number;
  readonly lost: number;
  /** Won deals with an amount. */
  readonly wonPriced: number;
  readonly wonMinor: number;
  readonly lostMinor: number;
  readonly wonMs: number;
  readonly lostMs: number;
}

export interface GroupSummary extends Summary {
  readonly key: string | null;
  readonly name: string | null;
}

export interface Closed {
  readonly total: Summary;
  /** In alphabetical order; usually one. */
  readonly currencies: readonly string[];
  /** What a closing without an amount counts with: the only currency there is, else the base currency. */
  readonly fallback: string;
  /** One a group and currency. */
  readonly groups: readonly GroupSummary[];
}

const SUMS = ['won', 'lost', 'wonPriced', 'wonMinor', 'lostMinor', 'wonMs', 'lostMs'] as const;
type Sums = Record<(typeof SUMS)[number], number>;
/** Sums of bigint are numeric, which arrives as text. */
type Row = Pick<GroupSummary, 'key' | 'name' | 'currency'> & Record<keyof Sums, number | string>;

const won = sql`filter (where c.outcome = 'won')`;
const lost = sql`filter (where c.outcome = 'lost')`;

/** One pass over the closings, hashed and not sorted; whatever follows adds up a few rows. */
const cells = (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> =>
  rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.currency, g.won, g.lost, g.won_priced as "wonPriced",
               g.won_minor as "wonMinor", g.lost_minor as "lostMinor", g.won_ms as "wonMs", g.lost_ms as "lostMs"
        from (
          select c.key, c.currency, count(*) ${won} as won, count(*) ${lost} as lost,
                 count(c.amount_minor) ${won} as won_priced,
                 coalesce(sum(c.amount_minor) ${won}, 0) as won_minor, coalesce(sum(c.amount_minor) ${lost}, 0) as lost_minor,
                 coalesce(sum(c.cycle_ms) ${won}, 0) as won_ms, coalesce(sum(c.cycle_ms) ${lost}, 0) as lost_ms
          from (select ${grouping.key} as key, c.* from (${closings(question)}) c) c
          group by c.key, c.currency) g`,
  );

/** The closings of a question, together and by group and currency. */
export const closedDeals = async (runner: Runner, question: Question, grouping: Grouping): Promise<Closed> => {
  const rows = (await cells(runner, question, grouping)).toSorted(inOrderOf('key', 'currency'));
  const named = distinct(rows.map(({ currency }) => currency));
  const fallback = (named.length === 1 ? named[0] : undefined) ?? question.filter.currency ?? question.baseCurrency;
  const groups = mergedGroups(rows, fallback);
  const currencies = distinct(groups.map(({ currency }) => currency));
  const currency = currencies.length === 1 ? (currencies[0] ?? null) : null;
  return { total: { currency, ...sumOf(groups) }, currencies, fallback, groups };
};

const distinct = (values: readonly (string | null)[]): string[] =>
  [...new Set(values.flatMap((value) => value ?? []))].toSorted();

const sumOf = (rows: readonly Record<keyof Sums, number | string>[]): Sums => {
  const sums: Sums = { won: 0, lost: 0, wonPriced: 0, wonMinor: 0, lostMinor: 0, wonMs: 0, lostMs: 0 };
  for (const row of rows) for (const field of SUMS) sums[field] += Number(row[field]);
  return sums;
};

/** Rows without a currency join those of the fallback in their group. */
const mergedGroups = (rows: readonly Row[], fallback: string): GroupSummary[] => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const cell = JSON.stringify([row.key, row.currency ?? fallback]);
    groups.set(cell, [...(groups.get(cell) ?? []), row]);
  }
  return [...groups.values()].flatMap((cell) => {
    const [first] = cell;
    return first === undefined
      ? []
      : [{ key: first.key, name: first.name, currency: first.currency ?? fallback, ...sumOf(cell) }];
  });
};
