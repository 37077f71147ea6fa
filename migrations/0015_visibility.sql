-- What rights and the pages of restricted users are made from.

-- The shares of a workspace, read anew whenever anybody's rights change; no other event pays for it.
create index event_of_shares on event (workspace_id, position) where type in ('RecordShared', 'RecordShareRevoked');

-- Where a record was before: asked for the few records of a page whose scope changed since the cursor.
create index scope_change_by_root on scope_change (workspace_id, root_id, position);
