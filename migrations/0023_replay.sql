-- Who built the read models of a past moment, noted before the first event is folded, as exports are; and where they lie.
create table replay (
  workspace_id uuid not null,
  replay_id uuid not null,
  user_id uuid not null,
  role text not null,
  -- What was asked for: a position, a time or a day.
  asked text not null,
  -- What it is as of: everything at or below the position. The moment is the present of its views.
  position bigint not null,
  moment timestamptz not null,
  schema_name name not null,
  -- Of its tables in read_model: deal_v1_as_of_0123456789ab.
  suffix text not null,
  started_at timestamptz not null default now(),
  -- null: it broke off, or goes on.
  finished_at timestamptz,
  row_count bigint,
  -- Of all rows of its views: the same of the same moment, however often it is built.
  sha256 bytea,
  dropped_at timestamptz,
  constraint replay_pkey primary key (workspace_id, replay_id)
);
select isolate('replay', 'leadzen_owner');
