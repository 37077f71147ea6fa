-- The append takes events and streams as arrays of rows in PostgreSQL's binary form (src/server/database/binary/):
-- reading them from JSON was a third of its work. What is rare stays JSON.

create type event_row as (
  -- 1 … n: the position is the head before the append plus this.
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
  -- Of its newest event in the append.
  ordinal integer,
  stream_id uuid,
  stream_type text,
  version integer,
  root_id uuid,
  scope_id uuid,
  created_at timestamptz,
  state json,
  clocks json
);

drop function append_events(uuid, bigint, uuid[], uuid[], integer[], json, json, json, json, json, integer);

-- As before (migrations/0001), but for these two:
--
--   p_events    the events, ordinals 1 … n
--   p_streams   the streams, once each, as after their last event
create function append_events(
  p_workspace uuid,
  p_access bigint,
  p_ids uuid[],
  p_read_ids uuid[],
  p_read_versions integer[],
  p_events event_row[],
  p_streams stream_row[],
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
$$;

revoke execute on function append_events from public;
grant execute on function append_events to leadzen_app;
