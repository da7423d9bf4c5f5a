-- Puts a staged snapshot in place of what this node has of the peer, with the cursor. In a
-- transaction like that of federation_apply; repeated with `singly` when it fails.
-- $1 this node (text)  $2 the peer (text)  $3 the peer's scope (text, * = the node above)
-- $4 words between blanks (text): singly  $5 id of the snapshot (uuid)
-- $6 chunks that it has (int): when others are staged, nothing is changed (CPF02).
-- The cursor after it: $7 epoch of the peer (int)  $8 position (bigint)
-- $9 head of the peer (bigint)
-- $10 scope hash (bytea)  $11 schema version (int)  $12 origin position (bigint)
-- $13 hash there (bytea)
-- Gives one row: 0 images stored (int), 1 passed over because they were stored already (int),
-- 2 aggregates parked now (int), 3 aggregates of this peer that are parked in all (int), 4 entries
-- appended to the log (int), 5 entries kept apart (int), 6 head of the local log (bigint).
SELECT a.stored_count, a.absorbed_count, a.newly_parked_count, a.parked_count, a.entry_count,
       a.apart_count, a.log_position
  FROM cpts.sync_activate($1::text, $2::text, $3::text, $4::text, $5::uuid, $6::int, $7::int,
         $8::bigint, $9::bigint, $10::bytea, $11::int, $12::bigint, $13::bytea) a
