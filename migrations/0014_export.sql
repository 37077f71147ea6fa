-- Who took data out, noted before the first byte leaves: auditors ask, and an export that broke off is told from one that ended.
create table export (
  workspace_id uuid not null,
  export_id uuid not null,
  user_id uuid not null,
  role text not null,
  -- leads, contacts, companies, deals, activities or pipelines.
  type text not null,
  format text not null,
  with_deleted boolean not null,
  started_at timestamptz not null default now(),
  -- null: it broke off, or goes on.
  finished_at timestamptz,
  row_count bigint,
  -- Of the bytes before the manifest.
  sha256 bytea,
  constraint export_pkey primary key (workspace_id, export_id)
);
select isolate('export', 'leadzen_owner');
grant select, insert, update on export to leadzen_app;
