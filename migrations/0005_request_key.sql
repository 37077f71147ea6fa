-- What a REST write with an Idempotency-Key stands for, kept before it is pushed: whoever repeats the request sends these
-- very events again, and the log answers each as the duplicate that it is. A row outlives its request by a week.
create table request_key (
  workspace_id uuid not null,
  user_id uuid not null,
  key text not null,
  -- SHA-256 of method, path, precondition and body: another request with the same key is refused.
  request_hash bytea not null,
  events json not null,
  created_at timestamptz not null default now(),
  constraint request_key_pkey primary key (workspace_id, user_id, key)
);
create index request_key_by_age on request_key (workspace_id, created_at);

grant select, insert, delete on request_key to leadzen_app;
