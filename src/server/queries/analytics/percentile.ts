import { sql } from 'kysely';
import type { Fragment } from '../sql.ts';

/** Of whole numbers, such as milliseconds; between two neighbours by how near each is. */
export const percentile = (part: number, value: Fragment): Fragment =>
  sql`percentile_cont(${part}::float8) within group (order by ${value})`;

/**
 * A percentile without the noise in its last digits, which each engine has of its own. Of whole numbers, those that we ask
 * for (0.5, 0.9, 0.95) are multiples of a twentieth.
 */
export const exactly = (value: number): number => Math.round(value * 100) / 100;
