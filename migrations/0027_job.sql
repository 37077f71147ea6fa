-- Work that time asks for, and what came of it. Every server has the same clock; a run is one server's at a time, and once done it is done.

create table job_run (
  -- Of a workspace's own work; nothing here belongs to a server.
  workspace_id uuid not null,
  job text not null,
  -- The moment that asked for it.
  due timestamptz not null,
  holder uuid not null,
  -- Without a sign of success by then, another server may try.
  expires_at timestamptz not null,
  attempts integer not null default 1,
  done_at timestamptz,
  constraint job_run_pkey primary key (workspace_id, job, due)
);
select isolate('job_run', 'leadzen_owner');
grant select, insert, update on job_run to leadzen_app;

-- The open deals at the end of every day of the workspace's time zone, as they had been recorded by then.
create table pipeline_snapshot (
  workspace_id uuid not null,
  day date not null,
  entry integer not null,
  pipeline_id uuid,
  stage_id uuid,
  owner_id uuid,
  team_id uuid,
  currency text,
  deals integer not null,
  amount_minor numeric(24) not null,
  weighted_minor numeric(24, 4) not null,
  -- How far the log had come.
  position bigint not null,
  constraint pipeline_snapshot_pkey primary key (workspace_id, day, entry)
);
select isolate('pipeline_snapshot', 'leadzen_owner');
grant select, insert on pipeline_snapshot to leadzen_app;

-- What somebody should look at: once an episode, with the moment at which it began.
create table reminder (
  workspace_id uuid not null,
  -- rotten_deal or overdue_activity.
  kind text not null,
  record_id uuid not null,
  since timestamptz not null,
  -- The record whose scope decides who sees it.
  root_id uuid not null,
  noted_at timestamptz not null default now(),
  -- When it was found to be so no more.
  ended_at timestamptz,
  constraint reminder_pkey primary key (workspace_id, kind, record_id, since)
);
create index reminder_open on reminder (workspace_id, noted_at) where ended_at is null;
select isolate('reminder', 'leadzen_owner');
grant select, insert, update on reminder to leadzen_app;

-- For analysts, beside the read models: with their rights, their workspace's rows. The schema is the projector's.
set local role leadzen_projector;
create view crm.pipeline_snapshot with (security_invoker = true) as
  select workspace_id, day, pipeline_id, stage_id, owner_id, team_id, currency, deals, amount_minor, weighted_minor, position
  from pipeline_snapshot;
comment on view crm.pipeline_snapshot is 'The open deals at the end of every day, as they had been recorded by then, by pipeline, stage, owner, team and currency.';
comment on column crm.pipeline_snapshot.workspace_id is 'The workspace.';
comment on column crm.pipeline_snapshot.day is 'The day, of the time zone of the workspace.';
comment on column crm.pipeline_snapshot.pipeline_id is 'The pipeline.';
comment on column crm.pipeline_snapshot.stage_id is 'The stage.';
comment on column crm.pipeline_snapshot.owner_id is 'The user who owned the deals; null: the unassigned pool.';
comment on column crm.pipeline_snapshot.team_id is 'The team they belonged to.';
comment on column crm.pipeline_snapshot.currency is 'The ISO 4217 code of their amounts; null: they have none.';
comment on column crm.pipeline_snapshot.deals is 'How many deals these are.';
comment on column crm.pipeline_snapshot.amount_minor is 'Their amounts together, in minor units of the currency.';
comment on column crm.pipeline_snapshot.weighted_minor is 'Amount × probability together, exact: sum first, then round once.';
comment on column crm.pipeline_snapshot.position is 'How far the log had come at the end of the day.';

create view crm.reminder with (security_invoker = true) as
  select workspace_id, kind, record_id, since, noted_at, ended_at from reminder;
comment on view crm.reminder is 'Deals that rot and activities that are overdue, once an episode.';
comment on column crm.reminder.workspace_id is 'The workspace.';
comment on column crm.reminder.kind is 'rotten_deal or overdue_activity.';
comment on column crm.reminder.record_id is 'The deal or activity.';
comment on column crm.reminder.since is 'When it began to rot, or was due.';
comment on column crm.reminder.noted_at is 'When that was noticed.';
comment on column crm.reminder.ended_at is 'When it was found to be so no more; null: it still is.';

grant select on crm.pipeline_snapshot, crm.reminder to leadzen_app, leadzen_analyst;
set local role leadzen_owner;

grant select (workspace_id, day, pipeline_id, stage_id, owner_id, team_id, currency, deals, amount_minor, weighted_minor, position)
  on pipeline_snapshot to leadzen_analyst;
grant select (workspace_id, kind, record_id, since, noted_at, ended_at) on reminder to leadzen_analyst;
create policy of_analyst on pipeline_snapshot for select to leadzen_analyst using (workspace_id = (select analyst_workspace()));
create policy of_analyst on reminder for select to leadzen_analyst using (workspace_id = (select analyst_workspace()));
