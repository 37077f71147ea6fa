import { sql } from 'kysely';
import type { Fragment } from '../sql.ts';

/**
 * Whole milliseconds from one time to another. Not as the epoch of an interval, which DuckDB makes by the calendar: of
 * 300,000 pairs 2 s instead of 0.02.
 */
export const msBetween = (from: Fragment, to: Fragment): Fragment =>
  sql`round((date_part('epoch', ${to}) - date_part('epoch', ${from})) * 1000)::bigint`;
