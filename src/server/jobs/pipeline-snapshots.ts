import { sql } from 'kysely';
import { waitForPosition } from '../queries/wait-for-position.ts';
import { openDeals } from '../queries/analytics/deals-at.ts';
import { settingsRow } from '../queries/moment-text.ts';
import { positionAt } from '../queries/moment.ts';
import { compiled, rowsOf } from '../queries/sql.ts';
import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Connections } from '../database/workspace-pool.ts';
import { EVERYTHING } from '../access/rules.ts';
import type { Job } from './job.ts';

/** Days that are caught up after a server stood still; older ones can be asked for with `asOf` all the same. */
const CATCH_UP_DAYS = 31;

/**
 * The workspace's days that are over, none before it was there. A day stands for its end as a label (midnight UTC), so that
 * it has one snapshot even where the workspace moves to another time zone.
 */
const endedDays = async (statements: Connections, workspaceId: Uuid, now: Date): Promise<Date[]> => {
  const rows = await rowsOf<{ day: string }>(
    statements,
    sql`select d.day::date::text as day
        from (select s.time_zone, date_trunc('day', ${now.toISOString()}::timestamptz at time zone s.time_zone) as today
              from (${settingsRow(workspaceId)}) s) t,
             (select recorded_at from event where workspace_id = ${workspaceId}::uuid and position = 1) b,
             generate_series(t.today - make_interval(days => ${CATCH_UP_DAYS}), t.today - interval '1 day', interval '1 day') d(day)
        where (d.day + interval '1 day') at time zone t.time_zone > b.recorded_at
        order by d.day`,
  );
  return rows.map(({ day }) => new Date(`${day}T00:00:00Z`));
};

const dayOf = (label: Date): string => label.toISOString().slice(0, 10);

/** What had been recorded at the end of a day. Throws where the day is not over, which the next look finds out. */
const positionAtEnd = async (statements: Connections, workspaceId: Uuid, day: string): Promise<number> => {
  const [row] = await rowsOf<{ time: string }>(
    statements,
    sql`select (${day}::date + 1)::timestamp at time zone s.time_zone as time from (${settingsRow(workspaceId)}) s`,
  );
  return positionAt(statements, workspaceId, { time: must(row, 'a row of settings').time });
};

/** Of the open deals as they had been recorded at a position, whoever may see them. */
const everyOpenDeal = (workspaceId: Uuid, position: number): ReturnType<typeof openDeals> =>
  openDeals({
    viewer: { workspaceId, rights: { sees: EVERYTHING } },
    filter: {},
    view: { clock: 'recorded', position },
    baseCurrency: '',
  });

/**
 * The open deals of the end of every day, told apart by all that a pipeline is grouped by. What was recorded by then never
 * changes, so a snapshot equals `GET /api/analytics/pipeline?asOf=<day>` for ever, and can be thrown away and made again.
 */
export const pipelineSnapshots = (positionOf: (workspaceId: Uuid) => Promise<number>): Job => ({
  name: 'pipeline-snapshots',
  schedule: '*/15 * * * *',
  due: endedDays,
  run: async ({ workspaceId, statements, due, done }) => {
    const position = await positionAtEnd(statements, workspaceId, dayOf(due));
    await waitForPosition(() => positionOf(workspaceId), position);
    const deals = compiled(
      sql`select c.pipeline_id, c.stage_id, c.owner_id, c.team_id, c.currency, count(*)::integer as deals,
                 coalesce(sum(c.amount_minor), 0) as amount, coalesce(sum(c.weighted_minor), 0) as weighted
          from (${everyOpenDeal(workspaceId, position)}) c group by 1, 2, 3, 4, 5`,
    );
    const next = deals.values.length + 1;
    const ending = done(next + 3);
    await statements.query(
      `with run as (${ending.text}), deals as (${deals.text})
       insert into pipeline_snapshot (workspace_id, day, entry, pipeline_id, stage_id, owner_id, team_id, currency, deals,
                                      amount_minor, weighted_minor, position)
       select $${next}, $${next + 1}::date, row_number() over (), d.pipeline_id, d.stage_id,
              d.owner_id, d.team_id, d.currency, d.deals, d.amount, d.weighted, $${next + 2}
       from run, deals d`,
      [...deals.values, workspaceId, dayOf(due), position, ...ending.values],
    );
  },
});
