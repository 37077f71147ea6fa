-- Keys of integrations. Each is a user of its own (a stream, with the role in force) and a session that ends when the key
-- is revoked, so that everything that holds for people holds for them; here is only what opens the session.
create table api_key (
  workspace_id uuid not null,
  -- The session's id, too.
  key_id uuid not null,
  user_id uuid not null,
  name text not null,
  -- SHA-256 of the secret, which is as random as a key and shown once.
  secret_hash bytea not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  -- null: until it is revoked.
  expires_at timestamptz,
  constraint api_key_pkey primary key (workspace_id, key_id)
);

grant select, insert on api_key to leadzen_app;
