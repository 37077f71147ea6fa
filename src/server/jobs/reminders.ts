import { sql } from 'kysely';
import { readModel } from '../queries/read-model.ts';
import { compiled } from '../queries/sql.ts';
import type { Job } from './job.ts';

const HOUR_MS = 3_600_000;

/**
 * What is due at a moment. A deal is rotten that nobody touched, by an activity or a new stage, for longer than its stage
 * allows: since the moment at which that was over.
 */
const due = (workspaceId: string, at: Date) => sql`
  select 'rotten_deal' as kind, r.deal_id as record_id, r.root_id, r.since
  from (
    select b.deal_id, b.root_id,
           greatest(b.stage_entered_at, (
             select max(a.happened_at) from ${readModel('activity')} a
             where a.workspace_id = b.workspace_id and a.root_id = b.deal_id and a.deleted_at is null and a.happened_at <= ${at.toISOString()}::timestamptz))
             + make_interval(days => s.rotten_after_days) as since
    from ${readModel('pipeline_board')} b
    join ${readModel('pipeline_stage')} s on s.workspace_id = b.workspace_id and s.stage_id = b.stage_id and s.pipeline_id = b.pipeline_id
    where b.workspace_id = ${workspaceId}::uuid and s.rotten_after_days is not null) r
  where r.since < ${at.toISOString()}::timestamptz
  union all
  select 'overdue_activity', a.id, a.root_id, a.due_at
  from ${readModel('activity')} a
  where a.workspace_id = ${workspaceId}::uuid and a.status = 'scheduled' and a.deleted_at is null
    and a.due_at < ${at.toISOString()}::timestamptz`;

/**
 * Notes rotting deals and overdue activities, once an episode, and when it is over. Not as events: nobody did anything, and
 * the log holds what people do.
 */
export const reminders: Job = {
  name: 'reminders',
  schedule: '5 * * * *',
  due: async (_statements, _workspaceId, now) => [new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS)],
  run: async ({ workspaceId, statements, due: at, done }) => {
    const found = compiled(due(workspaceId, at));
    const next = found.values.length + 1;
    const ending = done(next + 1);
    await statements.query(
      `with run as (${ending.text}), due as materialized (${found.text}),
       over as (
         update reminder r set ended_at = now() from run
          where r.workspace_id = $${next} and r.ended_at is null
            and not exists (select from due d where d.kind = r.kind and d.record_id = r.record_id and d.since = r.since))
       insert into reminder as r (workspace_id, kind, record_id, since, root_id)
       select $${next}, d.kind, d.record_id, d.since, d.root_id from run, due d
       on conflict (workspace_id, kind, record_id, since) do update set ended_at = null where r.ended_at is not null`,
      [...found.values, workspaceId, ...ending.values],
    );
  },
};
