-- GET /api/conflicts reads the streams that have open conflicts. JSON text escapes the quotes of a value, so the pattern
-- matches the field alone; an expression over the parsed JSON would cost every upsert of a stream its parsing.
create index stream_conflicts on stream (workspace_id, stream_id) where state::text like '%"conflicts":[{%';
