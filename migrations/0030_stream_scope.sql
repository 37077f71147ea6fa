-- Who sees a part asks which records are in its scopes: with their ids in the index, the rows, which hold whole states, are
-- not read for it. Seen by a rep, of 450,000 streams, sources took 0.55 s before and 0.3 after, cycle 0.43 and 0.2.

drop index stream_by_scope;
create index stream_by_scope on stream (workspace_id, scope_id, position) include (stream_id);
