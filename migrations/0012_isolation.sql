-- Row-level security: the net under the condition on workspace_id that every statement has. A session of the serving role
-- says whose rows it is about in the setting leadzen.workspace_id (src/server/database/workspace-pool.ts); without, it sees
-- none. On Citus, which does not hand such settings to its workers, there are no policies: the conditions are the wall.

-- Gives a table its policies. Forced, so that they bind the table's owner too; roles that work across workspaces are named.
--
-- The comparison is one with a constant of the statement, no function a row and no subselect: together with the statement's
-- own condition it becomes a check that is made once (One-Time Filter) before the same index scan as without.
create function isolate(p_table regclass, variadic p_across name[]) returns void
language plpgsql
as $$
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
$$;

-- Migrations and erasure work across workspaces; so does the projector where it reads the log and keeps its place.
select isolate(name, 'leadzen_owner', 'leadzen_projector')
  from unnest(array['workspace', 'event', 'stream', 'scope', 'projection_checkpoint', 'projection_lease', 'parked_stream']::regclass[]) name;
select isolate(name, 'leadzen_owner')
  from unnest(array['scope_change', 'outcome', 'access_set', 'login', 'device', 'session', 'import_job', 'import_verdict',
                    'request_key', 'invitation', 'api_key']::regclass[]) name;

-- What has to be looked up before a workspace is known, one narrow question each: they take a secret or an id and answer
-- whose it is, never a list.

-- Who signs in with an e-mail address (lower case).
create function find_login(p_email text) returns table (workspace_id uuid, user_id uuid, password_hash text)
language sql stable security definer set search_path = public, pg_temp
as $$ select workspace_id, user_id, password_hash from login where email = p_email $$;

-- Whether whom the address signs in used this device before, and nobody revoked it.
create function is_device_of_login(p_email text, p_device uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$
  select exists (select from login l join device d on d.workspace_id = l.workspace_id and d.user_id = l.user_id
                  where l.email = p_email and d.device_id = p_device and d.revoked_at is null)
$$;

-- Device ids are made by devices: one that another workspace has is taken.
create function is_device_elsewhere(p_workspace uuid, p_device uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select exists (select from device where device_id = p_device and workspace_id <> p_workspace) $$;

-- Whom a link invites, by the hash of its token.
create function find_invitation(p_token_hash bytea) returns table (workspace_id uuid, user_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$
  select workspace_id, user_id from invitation
   where token_hash = p_token_hash and ended_at is null and expires_at > now()
$$;

-- The roles in force of those sessions that are not over, in one question for all live connections of a server.
create function live_roles(p_workspaces uuid[], p_sessions uuid[]) returns table (session_id uuid, role text)
language sql stable security definer set search_path = public, pg_temp
as $$
  select s.session_id, u.state ->> 'role'
    from unnest(p_workspaces, p_sessions) as k(workspace_id, session_id)
    join session s on s.workspace_id = k.workspace_id and s.session_id = k.session_id
    join device d on d.workspace_id = s.workspace_id and d.device_id = s.device_id
    join stream u on u.workspace_id = s.workspace_id and u.stream_id = s.user_id
   where s.revoked_at is null and s.expires_at > now() and d.revoked_at is null and u.state ->> 'status' <> 'deactivated'
$$;

revoke execute on function find_login, is_device_of_login, is_device_elsewhere, find_invitation, live_roles from public;
grant execute on function find_login, is_device_of_login, is_device_elsewhere, find_invitation, live_roles to leadzen_app;
