import type { Question } from './question.ts';

/** A row of a grouped statement: what it is grouped by, and sums, which arrive as text where they are numeric. */
export type Cell<Key extends string, Sum extends string> = Readonly<Record<Key, string | null>> &
  Readonly<Record<Sum, number | string>>;
export type Summed<Key extends string, Sum extends string> = Record<Key, string | null> & Record<Sum, number>;

/** Adds up the cells that have the same keys, in the order of their first ones. */
export const summed = <Key extends string, Sum extends string>(
  cells: readonly Cell<Key, Sum>[],
  keys: readonly Key[],
  sums: readonly Sum[],
): Summed<Key, Sum>[] => {
  const groups = new Map<string, Summed<Key, Sum>>();
  for (const cell of cells) {
    const name = JSON.stringify(keys.map((key) => cell[key]));
    const group = groups.get(name) ?? emptyCell(cell, keys, sums);
    for (const sum of sums) (group as Record<Sum, number>)[sum] += Number(cell[sum]);
    groups.set(name, group);
  }
  return [...groups.values()];
};

const emptyCell = <Key extends string, Sum extends string>(
  cell: Cell<Key, Sum>,
  keys: readonly Key[],
  sums: readonly Sum[],
): Summed<Key, Sum> =>
  Object.fromEntries([
    ...keys.map((key) => [key, cell[key]] as const),
    ...sums.map((sum) => [sum, 0] as const),
  ]) as Summed<Key, Sum>;

export interface Currencies {
  /** What an amount that is missing counts with: the only currency there is, else the base currency. */
  readonly fallback: string;
  /** In alphabetical order; usually one. */
  readonly currencies: readonly string[];
}

export const currenciesOf = (
  cells: readonly { readonly currency: string | null }[],
  { filter, baseCurrency }: Question,
): Currencies => {
  const named = distinct(cells.flatMap(({ currency }) => currency ?? []));
  const fallback = (named.length === 1 ? named[0] : undefined) ?? filter.currency ?? baseCurrency;
  return { fallback, currencies: distinct(cells.map(({ currency }) => currency ?? fallback)) };
};

const distinct = (values: readonly string[]): string[] => [...new Set(values)].toSorted();

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
