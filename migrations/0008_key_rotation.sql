-- A key is published before it signs, so that whoever verifies knows it by then. Ended keys stay in the table.
alter table signing_key add column signs_from timestamptz not null default now();
update signing_key set signs_from = created_at;
