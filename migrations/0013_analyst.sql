-- Logins of analysts: each is a role of PostgreSQL that sees the views of crm, and of them one workspace's rows. Which
-- workspace is asked by session_user, the name that it signed in with: no SET, SET ROLE or set_config changes that.

create table analyst (
  workspace_id uuid not null,
  -- Roles belong to the whole cluster, where others may list them: the name says nothing.
  login name not null,
  -- What people call it.
  label text not null,
  -- Whether it sees the personal fields of leads, contacts and activities.
  personal_data boolean not null,
  created_at timestamptz not null default now(),
  -- When the login was dropped.
  ended_at timestamptz,
  constraint analyst_pkey primary key (workspace_id, login)
);
create unique index analyst_by_login on analyst (login);
select isolate('analyst', 'leadzen_owner', 'leadzen_watch');
grant select on analyst to leadzen_watch;

-- For the policies of the read models; null, which equals nothing, for whoever is no analyst.
create function analyst_workspace() returns uuid
language sql stable security definer set search_path = public, pg_temp
as $$ select workspace_id from analyst where login = session_user and ended_at is null $$;

-- For the views: the serving roles see personal fields, analysts where it was granted.
create function shows_personal_data() returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select not exists (select from analyst where login = session_user and not personal_data) $$;

-- Nothing here is for everybody: whoever may log in to the database could call it.
revoke execute on all functions in schema public from public;
grant execute on function append_events to leadzen_app;
grant execute on function isolate to leadzen_projector;
grant execute on function analyst_workspace to leadzen_analyst;
grant execute on function shows_personal_data to leadzen_analyst, leadzen_app, leadzen_projector;
