-- Links that let somebody set a password once: of an invited user for the first time, of a user who lost it again.
create table invitation (
  workspace_id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the token; the token itself is shown once.
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- When it was accepted, or made void by a newer link or by disabling the user.
  ended_at timestamptz,
  constraint invitation_pkey primary key (workspace_id, token_hash)
);
-- Whoever brings a token does not say whose it is.
create unique index invitation_by_token on invitation (token_hash);
create index invitation_by_user on invitation (workspace_id, user_id);

grant select, insert, update on invitation to leadzen_app;
