-- Who may come in. The log knows users as streams; here is only what must never be in the log: password hashes, sessions
-- and keys. Every key starts with workspace_id, except for the two tables that are nobody's.

-- An e-mail address signs in to one workspace. The one table of people that is not a workspace's (a reference table on Citus).
create table login (
  -- Lower case.
  email text not null,
  workspace_id uuid not null,
  user_id uuid not null,
  -- argon2id in PHC form, so that its costs can be raised and old hashes still verify.
  password_hash text not null,
  created_at timestamptz not null default now(),
  constraint login_pkey primary key (email)
);
create index login_by_user on login (workspace_id, user_id);

-- A device belongs to one user of one workspace, for ever: its id is in the clocks of its events.
create table device (
  workspace_id uuid not null,
  device_id uuid not null,
  user_id uuid not null,
  name text,
  platform text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  revoked_at timestamptz,
  constraint device_pkey primary key (workspace_id, device_id)
);
-- Finds the owner of an id that a client brings, whatever its workspace.
create index device_by_id on device (device_id);
create index device_by_user on device (workspace_id, user_id);

create table session (
  workspace_id uuid not null,
  session_id uuid not null,
  user_id uuid not null,
  device_id uuid not null,
  -- Number of the newest refresh token; the token is a keyed hash over it, so no token is kept.
  refresh_counter integer not null default 1,
  -- Number of the newest refresh token that the client is known to have: it was used, or its access token was.
  confirmed_counter integer not null default 0,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  -- However often it is refreshed, a session ends here.
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint session_pkey primary key (workspace_id, session_id)
);
create index session_by_user on session (workspace_id, user_id);
create index session_by_device on session (workspace_id, device_id);

-- The server's own keys, made at the first boot and shared by all servers on the database. The newest of a purpose makes
-- signatures, all of them verify.
create table signing_key (
  kid text not null,
  purpose text not null,
  -- Ed25519 in PKCS #8, or 32 random bytes for HMAC.
  secret bytea not null,
  created_at timestamptz not null default now(),
  constraint signing_key_pkey primary key (kid),
  constraint signing_key_purpose check (purpose in ('access', 'refresh', 'cursor', 'content'))
);

grant select, insert, update on login, device, session to leadzen_app;
grant select, insert on signing_key to leadzen_app;

-- A workspace has few users, teams and pipelines, and who signs in asks for them.
create index stream_of_setup on stream (workspace_id, stream_type)
  where stream_type in ('pipeline', 'user', 'team', 'workspace');
