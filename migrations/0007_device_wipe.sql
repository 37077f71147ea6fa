-- A device that is lost is revoked at once; one that is given back is retired: it may push its outbox first. Both are told
-- to wipe by a signed order with the nonce, and report it with the order.
alter table device
  add column retired_at timestamptz,
  add column wipe_nonce text,
  add column wiped_at timestamptz,
  -- Unsent events that the wipe destroyed, as the device reported.
  add column destroyed_events integer;
