import { total } from './cells.ts';

/** Mean and percentiles of some measurements; null where there are none. */
export interface Spread {
  readonly n: number;
  readonly mean: number | null;
  /** As `percentile_cont` tells them: between two neighbours by how near each is. */
  readonly at: (part: number) => number | null;
}

const between = (sorted: Float64Array, part: number): number => {
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (above - below) * (place - Math.floor(place));
};

/**
 * Here and not in PostgreSQL, which sorts rows: of 220,000 stays, two percentiles of each stage and of all took 0.7 s there
 * and 0.05 s as plain numbers.
 */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = Float64Array.from(values).toSorted();
  return {
    n: values.length,
    mean: values.length === 0 ? null : total(values) / values.length,
    at: (part) => (values.length === 0 ? null : between(sorted, part)),
  };
};
