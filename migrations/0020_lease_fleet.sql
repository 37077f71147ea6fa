-- Servers whose code knows other versions of the read models do not wait for each other: each fleet has its own lease, and
-- what both project is kept right by the checkpoints, which move from one place only.
alter table projection_lease add column fleet text not null default '';
alter table projection_lease drop constraint projection_lease_pkey;
alter table projection_lease add constraint projection_lease_pkey primary key (workspace_id, fleet);
