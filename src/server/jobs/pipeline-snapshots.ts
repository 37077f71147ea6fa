import { sql } from 'kysely';
import { waitForPosition } from '../queries/wait-for-position.ts';
import { openDeals } from '../queries/analytics/deals-at.ts';
import { settingsRow } from '../queries/moment-text.ts';
import { positionAt } from '../queries/moment.ts';
import { compiled, rowsOf } from '../queries/sql.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Connections } from '../database/workspace-pool.ts';
import { EVERYTHING } from '../access/rules.ts';
import type { Job } from './job.ts';

/** Days that are caught up after a server stood still; older ones can be asked for with `asOf` all the same. */
const CATCH_UP_DAYS = 31;

/** The ends of the workspace's days, none before it was there. */
const dayEnds = async (statements: Connections, workspaceId: Uuid, now: Date): Promise<Date[]> => {
  const rows = await rowsOf<{ due: string }>(
    statements,
    sql`select (d.day at time zone s.time_zone) as due
        from (${settingsRow(workspaceId)}) s,
             (select recorded_at from event where workspace_id = ${workspaceId}::uuid and position = 1) b,
             generate_series(date_trunc('day', ${now.toISOString()}::timestamptz at time zone s.time_zone) - make_interval(days => ${CATCH_UP_DAYS - 1}),
                             date_trunc('day', ${now.toISOString()}::timestamptz at time zone s.time_zone), interval '1 day') d(day)
        where (d.day at time zone s.time_zone) > b.recorded_at
        order by d.day`,
  );
  return rows.map(({ due }) => new Date(due));
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
  due: dayEnds,
  run: async ({ workspaceId, statements, due, done }) => {
    const position = await positionAt(statements, workspaceId, { time: due.toISOString() });
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
       select $${next}, ($${next + 1}::timestamptz at time zone s.time_zone)::date - 1, row_number() over (), d.pipeline_id, d.stage_id,
              d.owner_id, d.team_id, d.currency, d.deals, d.amount, d.weighted, $${next + 2}
       from run, deals d, (select coalesce(max(time_zone), 'UTC') as time_zone from crm.workspace where workspace_id = $${next}) s`,
      [...deals.values, workspaceId, due, position, ...ending.values],
    );
  },
});
