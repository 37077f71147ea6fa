-- The log and what the append needs beside it. Every key starts with workspace_id, there is no global sequence and no
-- trigger, so that the same tables can be distributed by workspace_id on Citus.

-- The counter row that makes positions gapless: the append holds its lock until the commit. Nothing else lives here, and
-- the low fillfactor keeps its updates HOT.
create table workspace (
  workspace_id uuid primary key,
  head bigint not null default 0,
  last_recorded_at timestamptz not null default '-infinity',
  access_position bigint not null default 0
) with (fillfactor = 20);

create table event (
  workspace_id uuid not null,
  position bigint not null,
  event_id uuid not null,
  stream_type text not null,
  stream_id uuid not null,
  version integer not null,
  type text not null,
  schema_version smallint not null,
  -- json, not jsonb: the text is stored and served untouched.
  data json not null,
  actor_id uuid not null,
  device_id uuid not null,
  at text not null,
  -- null where it equals "at", which is nearly always: it saves 67 bytes a row.
  clock text,
  recorded_at timestamptz not null,
  -- The root's scope when the event was appended.
  scope_id uuid not null,
  root_id uuid not null,
  superseded text[],
  -- HMAC-SHA-256 of the canonical JSON of what was sent: tells a repetition from a reused id.
  content_hash bytea not null,
  -- Random; blinds the commitment to the personal part.
  salt bytea not null,
  constraint event_pkey primary key (workspace_id, position),
  constraint event_by_id unique (workspace_id, event_id),
  constraint event_by_stream unique (workspace_id, stream_id, version)
);
create index event_by_scope on event (workspace_id, scope_id, position);

-- The present state of every stream: a cache of the fold that the next decision needs, and what states pages serve.
create table stream (
  workspace_id uuid not null,
  stream_id uuid not null,
  stream_type text not null,
  version integer not null,
  -- Of the stream's newest event.
  position bigint not null,
  root_id uuid not null,
  -- null for activities: they are visible iff their root is.
  scope_id uuid,
  created_at timestamptz not null,
  state json not null,
  clocks json not null,
  constraint stream_pkey primary key (workspace_id, stream_id)
);
create index stream_by_position on stream (workspace_id, position);
create index stream_by_scope on stream (workspace_id, scope_id, position);
-- The activities of a root; a root needs no entry, it is its own.
create index stream_by_root on stream (workspace_id, root_id, stream_id) where scope_id is null;

-- Scope is structure: the interned pair (team, owner) of a root stream. Who sees it is policy, kept elsewhere.
create table scope (
  workspace_id uuid not null,
  scope_id uuid not null,
  team_id uuid,
  owner_id uuid,
  constraint scope_pkey primary key (workspace_id, scope_id)
);

create table scope_change (
  workspace_id uuid not null,
  position bigint not null,
  root_id uuid not null,
  old_scope uuid not null,
  new_scope uuid not null,
  constraint scope_change_pkey primary key (workspace_id, position)
);

-- Refusals that time cannot change, so that a repeated event gets its first answer.
create table outcome (
  workspace_id uuid not null,
  event_id uuid not null,
  content_hash bytea not null,
  result json not null,
  recorded_at timestamptz not null,
  constraint outcome_pkey primary key (workspace_id, event_id)
);

-- Principals' sets that cursors refer to.
create table access_set (
  workspace_id uuid not null,
  fingerprint text not null,
  rules json not null,
  constraint access_set_pkey primary key (workspace_id, fingerprint)
);

-- A deal created without a pipeline goes into the workspace's first one.
create index stream_pipelines on stream (workspace_id, created_at) where stream_type = 'pipeline';

-- Makes a group of decisions durable, or says which of the facts they rest on have changed; then it writes nothing.
--
-- One autocommit call is one round trip and holds the workspace's row lock only between its first statement and its own
-- commit, never across a wait in Node. The lock makes positions gapless and their order the order of commits.
--
--   p_access    the access_position that the rights were judged at
--   p_ids       every event id of the group, refused ones included
--   p_read_*    the version (0 = absent) of every stream that a decision read
--   p_events    [{o, id, st, si, v, ty, sv, d, ac, de, a, c, sc, ro, su, h, sa}]; o is 1 … n
--   p_streams   [{o, id, ty, v, ro, sc, cr, s, c}], once each, as after its last event, o being that event's
--   p_outcomes  [{id, h, r}]
--   p_scopes    [{id, t, w}] pairs that this process has not interned yet
--   p_rescopes  [{o, r, a, b}]
--   p_access_o  the o of the last event that changes anybody's rights, 0 for none
--
-- json_to_recordset was measured cheaper, in Node and here, than arrays and unnest, and than COPY below thousands of rows.
create function append_events(
  p_workspace uuid,
  p_access bigint,
  p_ids uuid[],
  p_read_ids uuid[],
  p_read_versions integer[],
  p_events json,
  p_streams json,
  p_outcomes json,
  p_scopes json,
  p_rescopes json,
  p_access_o integer
) returns json
language plpgsql
as $$
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
    select p_workspace, v_head + e.o, e.id, e.st, e.si, e.v, e.ty, e.sv, e.d,
           e.ac, e.de, e.a, e.c, v_at, e.sc, e.ro, e.su, e.h, e.sa
    from json_to_recordset(p_events) as e(o integer, id uuid, st text, si uuid, v integer, ty text, sv smallint, d json,
                                          ac uuid, de uuid, a text, c text, sc uuid, ro uuid, su text[], h bytea, sa bytea);
  get diagnostics v_count = row_count;

  insert into stream as t (workspace_id, stream_id, stream_type, version, position, root_id, scope_id, created_at, state, clocks)
    select p_workspace, s.id, s.ty, s.v, v_head + s.o, s.ro, s.sc, s.cr, s.s, s.c
    from json_to_recordset(p_streams) as s(o integer, id uuid, ty text, v integer, ro uuid, sc uuid, cr timestamptz, s json, c json)
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
$$;

-- The runtime role may add to the log and read it, never change it.
grant select, insert on event, scope, scope_change, outcome, access_set to leadzen_app;
grant select, insert, update on workspace, stream to leadzen_app;
grant select on event, workspace, stream, scope to leadzen_projector;
