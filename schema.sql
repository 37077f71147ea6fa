-- What the migrations make of an empty database. Made by "npm run schema"; not meant to be run.

-- tables

create table access_set (
  workspace_id uuid not null,
  fingerprint text not null,
  rules json not null,
  constraint access_set_pkey PRIMARY KEY (workspace_id, fingerprint)
);

create table analyst (
  workspace_id uuid not null,
  login name not null,
  label text not null,
  personal_data boolean not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint analyst_pkey PRIMARY KEY (workspace_id, login)
);

create table api_key (
  workspace_id uuid not null,
  key_id uuid not null,
  user_id uuid not null,
  name text not null,
  secret_hash bytea not null,
  created_by uuid not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (workspace_id, key_id)
);

create table device (
  workspace_id uuid not null,
  device_id uuid not null,
  user_id uuid not null,
  name text,
  platform text,
  created_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  retired_at timestamp with time zone,
  wipe_nonce text,
  wiped_at timestamp with time zone,
  destroyed_events integer,
  constraint device_pkey PRIMARY KEY (workspace_id, device_id)
);

create table event (
  workspace_id uuid not null,
  "position" bigint not null,
  event_id uuid not null,
  stream_type text not null,
  stream_id uuid not null,
  version integer not null,
  type text not null,
  schema_version smallint not null,
  data json not null,
  actor_id uuid not null,
  device_id uuid not null,
  at text not null,
  clock text,
  recorded_at timestamp with time zone not null,
  scope_id uuid not null,
  root_id uuid not null,
  superseded text[],
  content_hash bytea not null,
  salt bytea not null,
  constraint event_by_id UNIQUE (workspace_id, event_id),
  constraint event_by_stream UNIQUE (workspace_id, stream_id, version),
  constraint event_pkey PRIMARY KEY (workspace_id, "position")
);

create table export (
  workspace_id uuid not null,
  export_id uuid not null,
  user_id uuid not null,
  role text not null,
  type text not null,
  format text not null,
  with_deleted boolean not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  row_count bigint,
  sha256 bytea,
  constraint export_pkey PRIMARY KEY (workspace_id, export_id)
);

create table import_job (
  workspace_id uuid not null,
  import_id uuid not null,
  type text not null,
  file_name text not null,
  sha256 text not null,
  dry_run boolean not null,
  status text not null,
  error text,
  row_count bigint default 0 not null,
  created_count bigint default 0 not null,
  updated_count bigint default 0 not null,
  unchanged_count bigint default 0 not null,
  refused_count bigint default 0 not null,
  in_log boolean default false not null,
  created_by uuid not null,
  started_at timestamp with time zone default now() not null,
  touched_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  ignored_columns text[] default '{}'::text[] not null,
  constraint import_job_pkey PRIMARY KEY (workspace_id, import_id)
);

create table import_verdict (
  workspace_id uuid not null,
  import_id uuid not null,
  row_number bigint not null,
  line bigint not null,
  verdict text not null,
  code text,
  message text,
  column_name text,
  stream_type text,
  stream_id uuid,
  constraint import_verdict_pkey PRIMARY KEY (workspace_id, import_id, row_number)
);

create table invitation (
  workspace_id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint invitation_pkey PRIMARY KEY (workspace_id, token_hash)
);

create table job_run (
  workspace_id uuid not null,
  job text not null,
  due timestamp with time zone not null,
  holder uuid not null,
  expires_at timestamp with time zone not null,
  attempts integer default 1 not null,
  done_at timestamp with time zone,
  constraint job_run_pkey PRIMARY KEY (workspace_id, job, due)
);

create table login (
  email text not null,
  workspace_id uuid not null,
  user_id uuid not null,
  password_hash text not null,
  created_at timestamp with time zone default now() not null,
  constraint login_pkey PRIMARY KEY (email)
);

create table outcome (
  workspace_id uuid not null,
  event_id uuid not null,
  content_hash bytea not null,
  result json not null,
  recorded_at timestamp with time zone not null,
  constraint outcome_pkey PRIMARY KEY (workspace_id, event_id)
);

create table parked_stream (
  workspace_id uuid not null,
  projection text not null,
  version integer not null,
  stream_id uuid not null,
  "position" bigint not null,
  error text not null,
  attempts integer default 1 not null,
  parked_at timestamp with time zone default now() not null,
  retried_at timestamp with time zone,
  constraint parked_stream_pkey PRIMARY KEY (workspace_id, projection, version, stream_id)
);

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
  amount_minor numeric(24,0) not null,
  weighted_minor numeric(24,4) not null,
  "position" bigint not null,
  constraint pipeline_snapshot_pkey PRIMARY KEY (workspace_id, day, entry)
);

create table projection (
  name text not null,
  version integer not null,
  created_at timestamp with time zone default now() not null,
  rebuilt_at timestamp with time zone,
  constraint projection_pkey PRIMARY KEY (name, version)
);

create table projection_checkpoint (
  workspace_id uuid not null,
  projection text not null,
  version integer not null,
  "position" bigint default 0 not null,
  constraint projection_checkpoint_pkey PRIMARY KEY (workspace_id, projection, version)
) with (fillfactor=50);

create table projection_lease (
  workspace_id uuid not null,
  holder uuid not null,
  fence bigint default 1 not null,
  expires_at timestamp with time zone not null,
  fleet text default ''::text not null,
  constraint projection_lease_pkey PRIMARY KEY (workspace_id, fleet)
) with (fillfactor=50);

create table rebuild (
  rebuild_id uuid not null,
  fingerprint text not null,
  projections text[] not null,
  phase text default 'folding'::text not null,
  events bigint not null,
  wanted text default 'running'::text not null,
  started_at timestamp with time zone default now() not null,
  constraint rebuild_pkey PRIMARY KEY (rebuild_id)
);

create table rebuild_position (
  workspace_id uuid not null,
  rebuild_id uuid not null,
  "position" bigint not null,
  constraint rebuild_position_pkey PRIMARY KEY (workspace_id, rebuild_id)
);

create table rebuild_range (
  rebuild_id uuid not null,
  ordinal integer not null,
  from_key uuid[],
  before_key uuid[],
  events bigint,
  done_at timestamp with time zone,
  constraint rebuild_range_pkey PRIMARY KEY (rebuild_id, ordinal)
);

create table reminder (
  workspace_id uuid not null,
  kind text not null,
  record_id uuid not null,
  since timestamp with time zone not null,
  root_id uuid not null,
  noted_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint reminder_pkey PRIMARY KEY (workspace_id, kind, record_id, since)
);

create table replay (
  workspace_id uuid not null,
  replay_id uuid not null,
  user_id uuid not null,
  role text not null,
  asked text not null,
  "position" bigint not null,
  moment timestamp with time zone not null,
  schema_name name not null,
  suffix text not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  row_count bigint,
  sha256 bytea,
  dropped_at timestamp with time zone,
  constraint replay_pkey PRIMARY KEY (workspace_id, replay_id)
);

create table request_key (
  workspace_id uuid not null,
  user_id uuid not null,
  key text not null,
  request_hash bytea not null,
  events json not null,
  created_at timestamp with time zone default now() not null,
  constraint request_key_pkey PRIMARY KEY (workspace_id, user_id, key)
);

create table schema_migration (
  version integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migration_pkey PRIMARY KEY (version)
);

create table scope (
  workspace_id uuid not null,
  scope_id uuid not null,
  team_id uuid,
  owner_id uuid,
  constraint scope_pkey PRIMARY KEY (workspace_id, scope_id)
);

create table scope_change (
  workspace_id uuid not null,
  "position" bigint not null,
  root_id uuid not null,
  old_scope uuid not null,
  new_scope uuid not null,
  constraint scope_change_pkey PRIMARY KEY (workspace_id, "position")
);

create table session (
  workspace_id uuid not null,
  session_id uuid not null,
  user_id uuid not null,
  device_id uuid not null,
  refresh_counter integer default 1 not null,
  confirmed_counter integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint session_pkey PRIMARY KEY (workspace_id, session_id)
);

create table signing_key (
  kid text not null,
  purpose text not null,
  secret bytea not null,
  created_at timestamp with time zone default now() not null,
  signs_from timestamp with time zone default now() not null,
  constraint signing_key_pkey PRIMARY KEY (kid),
  constraint signing_key_purpose CHECK ((purpose = ANY (ARRAY['access'::text, 'refresh'::text, 'cursor'::text, 'content'::text])))
);

create table stream (
  workspace_id uuid not null,
  stream_id uuid not null,
  stream_type text not null,
  version integer not null,
  "position" bigint not null,
  root_id uuid not null,
  scope_id uuid,
  created_at timestamp with time zone not null,
  state json not null,
  clocks json not null,
  constraint stream_pkey PRIMARY KEY (workspace_id, stream_id)
);

create table throttle (
  kind text not null,
  subject bytea not null,
  failures integer not null,
  free_at timestamp with time zone not null,
  last_at timestamp with time zone default now() not null,
  constraint throttle_pkey PRIMARY KEY (kind, subject)
);

create table workspace (
  workspace_id uuid not null,
  head bigint default 0 not null,
  last_recorded_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  access_position bigint default 0 not null,
  constraint workspace_pkey PRIMARY KEY (workspace_id)
) with (fillfactor=20);

-- indexes

CREATE UNIQUE INDEX analyst_by_login ON public.analyst USING btree (login);

CREATE INDEX device_by_id ON public.device USING btree (device_id);

CREATE INDEX device_by_user ON public.device USING btree (workspace_id, user_id);

CREATE INDEX event_by_scope ON public.event USING btree (workspace_id, scope_id, "position");

CREATE INDEX event_of_rates ON public.event USING btree (workspace_id, ((data ->> 'base'::text)), ((data ->> 'quote'::text)), ((data ->> 'asOf'::text)), "position") WHERE (type = 'ExchangeRateRecorded'::text);

CREATE INDEX event_of_shares ON public.event USING btree (workspace_id, "position") WHERE (type = ANY (ARRAY['RecordShared'::text, 'RecordShareRevoked'::text]));

CREATE UNIQUE INDEX invitation_by_token ON public.invitation USING btree (token_hash);

CREATE INDEX invitation_by_user ON public.invitation USING btree (workspace_id, user_id);

CREATE INDEX login_by_user ON public.login USING btree (workspace_id, user_id);

CREATE INDEX reminder_open ON public.reminder USING btree (workspace_id, noted_at) WHERE (ended_at IS NULL);

CREATE INDEX request_key_by_age ON public.request_key USING btree (workspace_id, created_at);

CREATE INDEX scope_change_by_root ON public.scope_change USING btree (workspace_id, root_id, "position");

CREATE INDEX session_by_device ON public.session USING btree (workspace_id, device_id);

CREATE INDEX session_by_user ON public.session USING btree (workspace_id, user_id);

CREATE INDEX stream_by_position ON public.stream USING btree (workspace_id, "position");

CREATE INDEX stream_by_root ON public.stream USING btree (workspace_id, root_id, stream_id) WHERE (scope_id IS NULL);

CREATE INDEX stream_by_scope ON public.stream USING btree (workspace_id, scope_id, "position") INCLUDE (stream_id);

CREATE INDEX stream_conflicts ON public.stream USING btree (workspace_id, stream_id) WHERE ((state)::text ~~ '%"conflicts":[{%'::text);

CREATE INDEX stream_of_setup ON public.stream USING btree (workspace_id, stream_type) WHERE (stream_type = ANY (ARRAY['pipeline'::text, 'user'::text, 'team'::text, 'workspace'::text]));

CREATE INDEX stream_pipelines ON public.stream USING btree (workspace_id, created_at) WHERE (stream_type = 'pipeline'::text);

CREATE INDEX throttle_by_age ON public.throttle USING btree (last_at);

-- types

create type event_row as (
  ordinal integer,
  event_id uuid,
  stream_type text,
  stream_id uuid,
  version integer,
  type text,
  schema_version smallint,
  data json,
  actor_id uuid,
  device_id uuid,
  at text,
  clock text,
  scope_id uuid,
  root_id uuid,
  superseded text[],
  content_hash bytea,
  salt bytea
);

create type stream_row as (
  ordinal integer,
  stream_id uuid,
  stream_type text,
  version integer,
  root_id uuid,
  scope_id uuid,
  created_at timestamp with time zone,
  state json,
  clocks json
);

-- functions

CREATE OR REPLACE FUNCTION public.analyst_workspace()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ select workspace_id from analyst where login = session_user and ended_at is null $function$;

CREATE OR REPLACE FUNCTION public.append_events(p_workspace uuid, p_access bigint, p_ids uuid[], p_read_ids uuid[], p_read_versions integer[], p_events event_row[], p_streams stream_row[], p_outcomes json, p_scopes json, p_rescopes json, p_access_o integer)
 RETURNS json
 LANGUAGE plpgsql
AS $function$
declare
  v_head bigint;
  v_last timestamptz;
  v_access bigint;
  v_known uuid[];
  v_stale uuid[];
  v_at timestamptz;
  v_count integer;
begin
  select w.head, w.last_recorded_at, w.access_position into v_head, v_last, v_access
    from workspace w where w.workspace_id = p_workspace for update;
  if not found then
    raise exception 'workspace % does not exist', p_workspace using errcode = 'no_data_found';
  end if;

  -- Both lookups are planned at every call (execute), 0.15 ms each. A plan is cached a session, and one made while the
  -- tables were young took any index that begins with workspace_id for as good as the right one: it went on to read the
  -- whole log for every id, 20 ms an append and 80 after 5,000 events. Scalar subqueries keep it a lookup an id.
  execute 'select array(select i.id from unnest($2) as i(id)
             where (select true from event e where e.workspace_id = $1 and e.event_id = i.id)
                or (select true from outcome r where r.workspace_id = $1 and r.event_id = i.id))'
    into v_known using p_workspace, p_ids;
  execute 'select array(select r.id from unnest($2, $3) as r(id, version)
             where r.version <> coalesce(
               (select s.version from stream s where s.workspace_id = $1 and s.stream_id = r.id), 0))'
    into v_stale using p_workspace, p_read_ids, p_read_versions;
  if v_known <> '{}' or v_stale <> '{}' or v_access <> p_access then
    return json_build_object('head', v_head, 'access', v_access, 'known', v_known, 'stale', v_stale);
  end if;

  -- Whole milliseconds, as they travel: a time that a client was told compares equal to the one kept here.
  v_at := greatest(date_trunc('milliseconds', clock_timestamp()), v_last);

  insert into event (workspace_id, position, event_id, stream_type, stream_id, version, type, schema_version, data,
                     actor_id, device_id, at, clock, recorded_at, scope_id, root_id, superseded, content_hash, salt)
    select p_workspace, v_head + e.ordinal, e.event_id, e.stream_type, e.stream_id, e.version, e.type, e.schema_version, e.data,
           e.actor_id, e.device_id, e.at, e.clock, v_at, e.scope_id, e.root_id, e.superseded, e.content_hash, e.salt
    from unnest(p_events) e;
  get diagnostics v_count = row_count;

  insert into stream as t (workspace_id, stream_id, stream_type, version, position, root_id, scope_id, created_at, state, clocks)
    select p_workspace, s.stream_id, s.stream_type, s.version, v_head + s.ordinal, s.root_id, s.scope_id, s.created_at,
           s.state, s.clocks
    from unnest(p_streams) s
  on conflict (workspace_id, stream_id) do update
    set version = excluded.version, position = excluded.position, scope_id = excluded.scope_id,
        state = excluded.state, clocks = excluded.clocks;

  if p_outcomes is not null then
    insert into outcome (workspace_id, event_id, content_hash, result, recorded_at)
      select p_workspace, r.id, r.h, r.r, v_at from json_to_recordset(p_outcomes) as r(id uuid, h bytea, r json);
  end if;
  if p_scopes is not null then
    insert into scope (workspace_id, scope_id, team_id, owner_id)
      select p_workspace, s.id, s.t, s.w from json_to_recordset(p_scopes) as s(id uuid, t uuid, w uuid)
    on conflict do nothing;
  end if;
  if p_rescopes is not null then
    insert into scope_change (workspace_id, position, root_id, old_scope, new_scope)
      select p_workspace, v_head + c.o, c.r, c.a, c.b
      from json_to_recordset(p_rescopes) as c(o integer, r uuid, a uuid, b uuid);
  end if;

  if v_count > 0 then
    update workspace w
      set head = v_head + v_count, last_recorded_at = v_at,
          access_position = case when p_access_o > 0 then v_head + p_access_o else v_access end
      where w.workspace_id = p_workspace;
  end if;
  return json_build_object(
    'before', v_head, 'head', v_head + v_count, 'recordedAt', to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'access', case when p_access_o > 0 then v_head + p_access_o else v_access end);
end
$function$;

CREATE OR REPLACE FUNCTION public.find_invitation(p_token_hash bytea)
 RETURNS TABLE(workspace_id uuid, user_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select workspace_id, user_id from invitation
   where token_hash = p_token_hash and ended_at is null and expires_at > now()
$function$;

CREATE OR REPLACE FUNCTION public.find_login(p_email text)
 RETURNS TABLE(workspace_id uuid, user_id uuid, password_hash text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ select workspace_id, user_id, password_hash from login where email = p_email $function$;

CREATE OR REPLACE FUNCTION public.is_device_elsewhere(p_workspace uuid, p_device uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ select exists (select from device where device_id = p_device and workspace_id <> p_workspace) $function$;

CREATE OR REPLACE FUNCTION public.is_device_of_login(p_email text, p_device uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from login l join device d on d.workspace_id = l.workspace_id and d.user_id = l.user_id
                  where l.email = p_email and d.device_id = p_device and d.revoked_at is null)
$function$;

CREATE OR REPLACE FUNCTION public.isolate(p_table regclass, VARIADIC p_across name[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_role name;
  v_own constant text := 'workspace_id = nullif(current_setting(''leadzen.workspace_id'', true), '''')::uuid';
begin
  if exists (select from pg_extension where extname = 'citus') then
    return;
  end if;
  execute format('alter table %s enable row level security, force row level security', p_table);
  execute format('create policy one_workspace on %s to leadzen_app using (%s) with check (%2$s)', p_table, v_own);
  foreach v_role in array p_across loop
    execute format('create policy %I on %s to %I using (true) with check (true)', 'all_of_' || v_role, p_table, v_role);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.live_roles(p_workspaces uuid[], p_sessions uuid[])
 RETURNS TABLE(session_id uuid, role text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select s.session_id, u.state ->> 'role'
    from unnest(p_workspaces, p_sessions) as k(workspace_id, session_id)
    join session s on s.workspace_id = k.workspace_id and s.session_id = k.session_id
    join device d on d.workspace_id = s.workspace_id and d.device_id = s.device_id
    join stream u on u.workspace_id = s.workspace_id and u.stream_id = s.user_id
   where s.revoked_at is null and s.expires_at > now() and d.revoked_at is null and u.state ->> 'status' <> 'deactivated'
$function$;

CREATE OR REPLACE FUNCTION public.newest_rates(p_workspace uuid, p_from text[], p_to text[], p_days text[])
 RETURNS TABLE("from" text, "to" text, day text, data json)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_sort TO 'off'
AS $function$
  select w.a, w.b, w.day, r.data
    from unnest(p_from, p_to, p_days) w(a, b, day), lateral (
      select n.data from (
        (select e.data, e.data ->> 'asOf' as as_of, e.position from event e
          where e.workspace_id = p_workspace and e.type = 'ExchangeRateRecorded'
            and e.data ->> 'base' = w.a and e.data ->> 'quote' = w.b and e.data ->> 'asOf' <= w.day
          order by e.data ->> 'base' desc, e.data ->> 'quote' desc, e.data ->> 'asOf' desc, e.position desc limit 1)
        union all
        (select e.data, e.data ->> 'asOf', e.position from event e
          where e.workspace_id = p_workspace and e.type = 'ExchangeRateRecorded'
            and e.data ->> 'base' = w.b and e.data ->> 'quote' = w.a and e.data ->> 'asOf' <= w.day
          order by e.data ->> 'base' desc, e.data ->> 'quote' desc, e.data ->> 'asOf' desc, e.position desc limit 1)) n
      order by n.as_of desc, n.position desc limit 1) r
   where p_workspace = nullif(current_setting('leadzen.workspace_id', true), '')::uuid
$function$;

CREATE OR REPLACE FUNCTION public.shows_personal_data()
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ select not exists (select from analyst where login = session_user and not personal_data) $function$;

-- row-level security

alter table access_set enable row level security, force row level security;

create policy all_of_leadzen_owner on access_set as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on access_set as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table analyst enable row level security, force row level security;

create policy all_of_leadzen_owner on analyst as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_watch on analyst as permissive for all to leadzen_watch using (true) with check (true);

create policy one_workspace on analyst as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table api_key enable row level security, force row level security;

create policy all_of_leadzen_owner on api_key as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on api_key as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table device enable row level security, force row level security;

create policy all_of_leadzen_owner on device as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on device as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table event enable row level security, force row level security;

create policy all_of_leadzen_owner on event as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on event as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on event as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table export enable row level security, force row level security;

create policy all_of_leadzen_owner on export as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on export as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table import_job enable row level security, force row level security;

create policy all_of_leadzen_owner on import_job as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on import_job as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table import_verdict enable row level security, force row level security;

create policy all_of_leadzen_owner on import_verdict as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on import_verdict as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table invitation enable row level security, force row level security;

create policy all_of_leadzen_owner on invitation as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on invitation as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table job_run enable row level security, force row level security;

create policy all_of_leadzen_owner on job_run as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on job_run as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table login enable row level security, force row level security;

create policy all_of_leadzen_owner on login as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on login as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table outcome enable row level security, force row level security;

create policy all_of_leadzen_owner on outcome as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on outcome as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table parked_stream enable row level security, force row level security;

create policy all_of_leadzen_owner on parked_stream as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on parked_stream as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on parked_stream as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table pipeline_snapshot enable row level security, force row level security;

create policy all_of_leadzen_owner on pipeline_snapshot as permissive for all to leadzen_owner using (true) with check (true);

create policy of_analyst on pipeline_snapshot as permissive for select to leadzen_analyst using ((workspace_id = ( SELECT analyst_workspace() AS analyst_workspace)));

create policy one_workspace on pipeline_snapshot as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table projection_checkpoint enable row level security, force row level security;

create policy all_of_leadzen_owner on projection_checkpoint as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on projection_checkpoint as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on projection_checkpoint as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table projection_lease enable row level security, force row level security;

create policy all_of_leadzen_owner on projection_lease as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on projection_lease as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on projection_lease as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table rebuild_position enable row level security, force row level security;

create policy all_of_leadzen_owner on rebuild_position as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on rebuild_position as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on rebuild_position as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table reminder enable row level security, force row level security;

create policy all_of_leadzen_owner on reminder as permissive for all to leadzen_owner using (true) with check (true);

create policy of_analyst on reminder as permissive for select to leadzen_analyst using ((workspace_id = ( SELECT analyst_workspace() AS analyst_workspace)));

create policy one_workspace on reminder as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table replay enable row level security, force row level security;

create policy all_of_leadzen_owner on replay as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on replay as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table request_key enable row level security, force row level security;

create policy all_of_leadzen_owner on request_key as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on request_key as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table scope enable row level security, force row level security;

create policy all_of_leadzen_owner on scope as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on scope as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on scope as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table scope_change enable row level security, force row level security;

create policy all_of_leadzen_owner on scope_change as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on scope_change as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table session enable row level security, force row level security;

create policy all_of_leadzen_owner on session as permissive for all to leadzen_owner using (true) with check (true);

create policy one_workspace on session as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table stream enable row level security, force row level security;

create policy all_of_leadzen_owner on stream as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on stream as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on stream as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

alter table workspace enable row level security, force row level security;

create policy all_of_leadzen_owner on workspace as permissive for all to leadzen_owner using (true) with check (true);

create policy all_of_leadzen_projector on workspace as permissive for all to leadzen_projector using (true) with check (true);

create policy one_workspace on workspace as permissive for all to leadzen_app using ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id = (NULLIF(current_setting('leadzen.workspace_id'::text, true), ''::text))::uuid));

-- rights of others than the owner

grant execute on function analyst_workspace() to leadzen_analyst;

grant execute on function append_events(uuid,bigint,uuid[],uuid[],integer[],event_row[],stream_row[],json,json,json,integer) to leadzen_app;

grant execute on function find_invitation(bytea) to leadzen_app;

grant execute on function find_login(text) to leadzen_app;

grant execute on function is_device_elsewhere(uuid,uuid) to leadzen_app;

grant execute on function is_device_of_login(text,uuid) to leadzen_app;

grant execute on function isolate(regclass,name[]) to leadzen_projector;

grant execute on function live_roles(uuid[],uuid[]) to leadzen_app;

grant execute on function newest_rates(uuid,text[],text[],text[]) to leadzen_app;

grant execute on function shows_personal_data() to leadzen_analyst;

grant execute on function shows_personal_data() to leadzen_app;

grant execute on function shows_personal_data() to leadzen_projector;

grant insert, select on table access_set to leadzen_app;

grant select on table analyst to leadzen_watch;

grant insert, select on table api_key to leadzen_app;

grant insert, select, update on table device to leadzen_app;

grant insert, select on table event to leadzen_app;

grant select on table event to leadzen_projector;

grant insert, select, update on table export to leadzen_app;

grant insert, select, update on table import_job to leadzen_app;

grant insert, select on table import_verdict to leadzen_app;

grant insert, select, update on table invitation to leadzen_app;

grant insert, select, update on table job_run to leadzen_app;

grant insert, select, update on table login to leadzen_app;

grant insert, select on table outcome to leadzen_app;

grant delete, insert, select, update on table parked_stream to leadzen_projector;

grant select on table parked_stream to leadzen_app;

grant insert, select on table pipeline_snapshot to leadzen_app;

grant delete, insert, select, update on table projection to leadzen_projector;

grant select on table projection to leadzen_app;

grant delete, insert, select, update on table projection_checkpoint to leadzen_projector;

grant select on table projection_checkpoint to leadzen_app;

grant delete, insert, select, update on table projection_lease to leadzen_projector;

grant delete, insert, select, update on table rebuild to leadzen_projector;

grant delete, insert, select, update on table rebuild_position to leadzen_projector;

grant delete, insert, select, update on table rebuild_range to leadzen_projector;

grant insert, select, update on table reminder to leadzen_app;

grant delete, insert, select on table request_key to leadzen_app;

grant select on table schema_migration to leadzen_app;

grant select on table schema_migration to leadzen_projector;

grant insert, select on table scope to leadzen_app;

grant select on table scope to leadzen_projector;

grant insert, select on table scope_change to leadzen_app;

grant insert, select, update on table session to leadzen_app;

grant insert, select on table signing_key to leadzen_app;

grant insert, select, update on table stream to leadzen_app;

grant select on table stream to leadzen_projector;

grant delete, insert, select, update on table throttle to leadzen_app;

grant insert, select, update on table workspace to leadzen_app;

grant select on table workspace to leadzen_projector;
