import { sql } from 'kysely';
import { Problem } from '../../../shared/contract/problem.ts';
import type { Question } from './question.ts';
import { allOf, type Fragment } from '../sql.ts';

/** From one moment to another on one clock; null: from the beginning, or until now. */
export type Stretch =
  | { readonly clock: 'recorded'; readonly after: number | null; readonly upTo: number | null }
  | { readonly clock: 'occurred'; readonly from: string | null; readonly to: string | null };

/**
 * The question's period as the way from one state to another. `asOf` ends it where the period does not end before, on the
 * same clock; without a period and a clock, it is the way up to what was recorded then.
 *
 * @throws Problem invalid_request for a period by when things occurred as of what was recorded
 */
export const stretchOf = ({ view, period, filter }: Question): Stretch => {
  if (period.clock === 'recorded') {
    const limit = view.clock === 'recorded' ? view.position : Infinity;
    const upTo = Math.min(period.upTo ?? Infinity, limit);
    const after = filter.from === undefined ? null : Math.min(period.after, limit);
    return { clock: 'recorded', after, upTo: upTo === Infinity ? null : upTo };
  }
  if (view.clock === 'recorded') {
    if (period.from !== null || period.to !== null) throw clockIsMissing();
    return { clock: 'recorded', after: null, upTo: view.position };
  }
  const limit = view.clock === 'now' ? null : view.before;
  return { clock: 'occurred', from: earlier(period.from, limit), to: earlier(period.to, limit) ?? limit };
};

const clockIsMissing = (): Problem =>
  new Problem('invalid_request', 'With asOf this metric needs to know by which clock its period runs.', {
    errors: [{ path: 'asOf', message: 'needs clock=recorded, or clock=occurred with a time' }],
  });

/** The time, but not after the limit. */
const earlier = (time: string | null, limit: string | null): string | null =>
  time !== null && limit !== null && limit < time ? limit : time;

/** Conditions on the spans of a history (`alias`), as far as they meet the stretch. */
export interface Meeting {
  /** Held at some time of it, or ended or began in it. */
  readonly met: Fragment;
  /** Began in it. */
  readonly begun: Fragment;
  /** Held at its beginning, and at its end. */
  readonly first: Fragment;
  readonly last: Fragment;
}

/** The same rules as of `heldAt`: begun strictly before the moment, not ended before it. */
export const meetingOf = (stretch: Stretch, alias: string): Meeting => {
  const column = (name: string): Fragment => sql.ref(`${alias}.${name}`);
  const recorded = stretch.clock === 'recorded';
  const [from, to] = recorded ? [column('from_position'), column('to_position')] : [column('from_at'), column('to_at')];
  const begunBefore = (moment: Fragment): Fragment =>
    recorded ? sql`${from} <= ${moment}::bigint` : sql`${from} < ${moment}::timestamptz`;
  const notEndedBefore = (moment: Fragment): Fragment =>
    recorded
      ? sql`(${to} > ${moment}::bigint or ${to} is null)`
      : sql`(${to} >= ${moment}::timestamptz or ${to} is null)`;
  const [start, end] = recorded ? [stretch.after, stretch.upTo] : [stretch.from, stretch.to];
  const inTime = end === null ? sql`true` : begunBefore(sql`${end}`);
  const notOver = start === null ? sql`true` : notEndedBefore(sql`${start}`);
  return {
    met: allOf([sql`${from} is not null`, inTime, notOver]),
    begun: start === null ? sql`true` : sql`not (${begunBefore(sql`${start}`)})`,
    first: start === null ? sql`false` : begunBefore(sql`${start}`),
    last: end === null ? sql`${to} is null` : notEndedBefore(sql`${end}`),
  };
};
