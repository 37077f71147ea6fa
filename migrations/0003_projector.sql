-- How far the read models have come. The read models themselves are made by the projector, in the schema read_model.

-- The versions of each projection that exist; a rebuild locks the row while it puts new tables into place.
create table projection (
  name text not null,
  version integer not null,
  created_at timestamptz not null default now(),
  rebuilt_at timestamptz,
  constraint projection_pkey primary key (name, version)
);

-- Moves in the transaction that writes the rows, from the position that the batch began at and no other.
create table projection_checkpoint (
  workspace_id uuid not null,
  projection text not null,
  version integer not null,
  position bigint not null default 0,
  constraint projection_checkpoint_pkey primary key (workspace_id, projection, version)
) with (fillfactor = 50);

-- Who projects a workspace, for how long, under which number: the number grows with every new holder, and whoever was
-- thought dead finds that its own no longer counts.
create table projection_lease (
  workspace_id uuid not null,
  holder uuid not null,
  fence bigint not null default 1,
  expires_at timestamptz not null,
  constraint projection_lease_pkey primary key (workspace_id)
) with (fillfactor = 50);

-- Streams that a projection could not fold any further: they stand still there, everything else goes on.
create table parked_stream (
  workspace_id uuid not null,
  projection text not null,
  version integer not null,
  stream_id uuid not null,
  -- The event at which it failed first.
  position bigint not null,
  error text not null,
  attempts integer not null default 1,
  parked_at timestamptz not null default now(),
  retried_at timestamptz,
  constraint parked_stream_pkey primary key (workspace_id, projection, version, stream_id)
);

grant select, insert, update, delete on projection, projection_checkpoint, projection_lease, parked_stream to leadzen_projector;
grant select on projection, projection_checkpoint, parked_stream to leadzen_app;
