import { sql } from 'kysely';
import type { Question } from './question.ts';
import { closings } from './deals-at.ts';
import type { Grouping } from './grouping.ts';
import { rowsOf, type Runner } from '../sql.ts';

/** Medians of closed − created, in milliseconds. */
export interface CycleMedians {
  readonly won: number | null;
  readonly lost: number | null;
}

type Row = CycleMedians & { readonly key: string | null; readonly currency: string | null; readonly together: number };

export interface MediansOf {
  readonly total: CycleMedians;
  readonly of: (key: string | null, currency: string | null) => CycleMedians;
}

const median = sql`percentile_cont(0.5) within group (order by c.cycle_ms)`;
const wonMedian = sql`${median} filter (where c.outcome = 'won') as won`;
const lostMedian = sql`${median} filter (where c.outcome = 'lost') as lost`;

const NONE: CycleMedians = { won: null, lost: null };

/** The medians of all closings: one sort. */
export const totalMedians = async (runner: Runner, question: Question): Promise<CycleMedians> => {
  const [total = NONE] = await rowsOf<CycleMedians>(
    runner,
    sql`select ${wonMedian}, ${lostMedian} from (${closings(question)}) c`,
  );
  return total;
};

/**
 * The medians of all closings and of each group and currency.
 *
 * @param fallback the currency that closings without an amount count with
 */
export const groupMedians = async (
  runner: Runner,
  question: Question,
  grouping: Grouping,
  fallback: string,
): Promise<MediansOf> => {
  const rows = await rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, g.currency, g.together, g.won, g.lost
        from (
          select c.key, c.currency, grouping(c.currency) as together,
                 ${wonMedian}, ${lostMedian}
          from (select ${grouping.key} as key, coalesce(c.currency, ${fallback}) as currency, c.outcome, c.cycle_ms
                from (${closings(question)}) c) c
          group by grouping sets ((c.key, c.currency), ())) g`,
  );
  const cells = new Map(rows.map((row) => [JSON.stringify([row.together, row.key, row.currency]), row]));
  return {
    total: rows.find(({ together }) => together === 1) ?? NONE,
    of: (key, currency) => cells.get(JSON.stringify([0, key, currency])) ?? NONE,
  };
};
