-- Failed attempts to sign in, over all servers. It belongs to no workspace: most of what is tried exists nowhere.
create table throttle (
  -- account, device or address (of IPv6 the /64).
  kind text not null,
  -- A keyed hash: nobody should read here whom somebody tried.
  subject bytea not null,
  failures integer not null,
  -- account: no attempt before. device and address: what the attempts so far have used up, each some seconds.
  free_at timestamptz not null,
  last_at timestamptz not null default now(),
  constraint throttle_pkey primary key (kind, subject)
);
create index throttle_by_age on throttle (last_at);

grant select, insert, update, delete on throttle to leadzen_app;
