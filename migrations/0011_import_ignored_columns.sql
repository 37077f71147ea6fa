-- The columns of the file that nothing was mapped to, so that a misspelt heading does not go unnoticed.
alter table import_job add column ignored_columns text[] not null default '{}';
