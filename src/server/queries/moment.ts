import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { rowsOf, type Runner } from './sql.ts';

/** A past moment as it was asked for: how far the log had come, or a time. */
export type AsOf = { readonly position: number } | { readonly time: string };

const future = (detail: string): Problem =>
  new Problem('invalid_request', detail, { errors: [{ path: 'asOf', message: 'must not be in the future' }] });

/**
 * The position that the log had at a moment: everything at or below it was recorded strictly before the time. What is
 * answered for it never changes again. Throws `invalid_request` where the moment has not come yet.
 *
 * @param asOf a time is ISO 8601, in whole milliseconds as recordedAt is
 */
export const positionAt = async (runner: Runner, workspaceId: Uuid, asOf: AsOf): Promise<number> =>
  'position' in asOf ? reached(runner, workspaceId, asOf.position) : recordedBefore(runner, workspaceId, asOf.time);

const reached = async (runner: Runner, workspaceId: Uuid, position: number): Promise<number> => {
  const [row] = await rowsOf<{ head: number }>(
    runner,
    sql`select head from workspace where workspace_id = ${workspaceId}`,
  );
  if (position > (row?.head ?? 0)) throw future(`The log of this workspace ends at position ${row?.head ?? 0}.`);
  return position;
};

interface Settled {
  readonly head: number;
  readonly future: boolean;
  /** Nothing that is recorded from now on can be before the time. */
  readonly settled: boolean;
}

const recordedBefore = async (runner: Runner, workspaceId: Uuid, time: string): Promise<number> => {
  const [row] = await rowsOf<Settled>(
    runner,
    sql`select head, ${time}::timestamptz > clock_timestamp() as future, ${time}::timestamptz <= last_recorded_at as settled
        from workspace where workspace_id = ${workspaceId}`,
  );
  if (row === undefined) return 0;
  if (row.future) throw future('The moment asked for has not come yet.');
  return row.settled ? search(runner, workspaceId, time) : headAfterAppends(runner, workspaceId);
};

/** An append in flight may already have taken its time from the clock, so the row lock waits until it is committed. */
const headAfterAppends = async (runner: Runner, workspaceId: Uuid): Promise<number> => {
  const [row] = await rowsOf<{ head: number }>(
    runner,
    sql`select head from workspace where workspace_id = ${workspaceId} for share`,
  );
  return row?.head ?? 0;
};

/**
 * Positions have no gaps and recordedAt never runs backwards along them: a binary search needs no index on the time. Each
 * step is a subquery of its own, which only the primary key can answer; as a join it read the whole log at every step, 4 s
 * of a million events.
 */
const search = async (runner: Runner, workspaceId: Uuid, time: string): Promise<number> => {
  const [row] = await rowsOf<{ position: number }>(
    runner,
    sql`with recursive bounds(low, high) as (
          select 0::bigint, head from workspace where workspace_id = ${workspaceId}
          union all
          select case when m.before then m.position else b.low end, case when m.before then b.high else m.position - 1 end
          from bounds b
          cross join lateral (
            select (b.low + b.high + 1) / 2 as position,
                   (select e.recorded_at from event e
                     where e.workspace_id = ${workspaceId} and e.position = (b.low + b.high + 1) / 2) < ${time}::timestamptz as before
            offset 0) m
          where b.low < b.high)
        select low as position from bounds where low = high`,
  );
  return row?.position ?? 0;
};
