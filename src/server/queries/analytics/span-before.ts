import { sql } from 'kysely';
import type { Fragment } from '../sql.ts';

/** Columns of deal_history that are looked back at. */
export type LookedBack =
  | 'outcome'
  | 'deleted'
  | 'amount_minor'
  | 'currency'
  | 'expected_close_date'
  | 'owner_id'
  | 'team_id'
  | 'pipeline_id'
  | 'company_id'
  | 'source';

/** The window of `was`: numbers of spans are in order on either clock. */
export const BEFORE = sql`before as (partition by h.deal_id order by h.entry)`;

/**
 * What the span before that of `h` had, on the same clock; null for the first. The statement has all spans that met some
 * stretch, and ends in `window ${BEFORE}`. Copies by columns have it as a column of its own (`was_…`), so that nothing is
 * sorted there: of 100,000 deals a waterfall takes half as long.
 */
export const was = (column: LookedBack): Fragment => sql`lag(h.${sql.raw(column)}) over before`;
