-- A rebuild that is under way, or was cut short: one at a time. What is done of it stays done, whoever goes on.

create table rebuild (
  rebuild_id uuid not null,
  -- Of the versions and tables that it makes: only the same ones go on with it.
  fingerprint text not null,
  projections text[] not null,
  -- folding, indexing, catching up or swapping.
  phase text not null default 'folding',
  -- To be folded: what the log held when it began.
  events bigint not null,
  -- running, paused or canceled: what somebody asked of whoever is at it.
  wanted text not null default 'running',
  started_at timestamptz not null default now(),
  constraint rebuild_pkey primary key (rebuild_id)
);

-- Neighbouring streams; done in the transaction that stores their rows.
create table rebuild_range (
  rebuild_id uuid not null,
  ordinal integer not null,
  -- The first stream, and the first one behind them; null: from the beginning, to the end.
  from_key uuid[],
  before_key uuid[],
  events bigint,
  done_at timestamptz,
  constraint rebuild_range_pkey primary key (rebuild_id, ordinal)
);

-- Where its tables stand in a workspace's log.
create table rebuild_position (
  workspace_id uuid not null,
  rebuild_id uuid not null,
  position bigint not null,
  constraint rebuild_position_pkey primary key (workspace_id, rebuild_id)
);
select isolate('rebuild_position', 'leadzen_owner', 'leadzen_projector');

grant select, insert, update, delete on rebuild, rebuild_range, rebuild_position to leadzen_projector;
