-- What became of every row of an imported file. What an import changed is in the log; here is what people want to know
-- about it, refusals above all, which the log does not hold.

create table import_job (
  workspace_id uuid not null,
  import_id uuid not null,
  -- leads, contacts, companies, deals or activities.
  type text not null,
  file_name text not null,
  -- Hex, of the file's bytes.
  sha256 text not null,
  dry_run boolean not null,
  status text not null,
  -- Why it failed: a sentence.
  error text,
  row_count bigint not null default 0,
  created_count bigint not null default 0,
  updated_count bigint not null default 0,
  unchanged_count bigint not null default 0,
  refused_count bigint not null default 0,
  -- Whether it wrote to the log, as the import stream of the same id.
  in_log boolean not null default false,
  created_by uuid not null,
  started_at timestamptz not null default now(),
  -- Moves while somebody works on it: a job that stands still was interrupted.
  touched_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint import_job_pkey primary key (workspace_id, import_id)
);

create table import_verdict (
  workspace_id uuid not null,
  import_id uuid not null,
  -- 1 is the first row below the header.
  row_number bigint not null,
  line bigint not null,
  verdict text not null,
  code text,
  message text,
  column_name text,
  stream_type text,
  stream_id uuid,
  constraint import_verdict_pkey primary key (workspace_id, import_id, row_number)
);

grant select, insert, update on import_job to leadzen_app;
grant select, insert on import_verdict to leadzen_app;
