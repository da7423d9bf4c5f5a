-- Stores a batch of a peer and moves the cursor. In a transaction that began with log_lock and
-- log_begin, and ends with log_notify. The caller verified the hash chain. When it fails (any
-- SQLSTATE but those of a lost connection), the caller rolls back and repeats the whole
-- transaction with `singly`: then each aggregate has a savepoint, and what fails is parked.
-- $1 this node (text)  $2 the peer (text)  $3 the peer's scope (text, * = the node above)
-- $4 words between blanks (text): urgent (images only, the cursor stays), repair (images replace
-- what is there, the cursor stays), restore (what this node lost comes back to it; the cursor
--    stays), singly
-- The cursor after it: $5 epoch of the peer (int)  $6 position (bigint)
-- $7 head of the peer (bigint)
-- $8 scope hash (bytea, empty = as it was)  $9 schema version (int)  $10 origin position (bigint)
-- $11 hash there (bytea)
-- Entries, arrays of one length, in order:
-- $12 origin nodes (text[])  $13 origin positions (bigint[])  $14 epochs (int[])
-- $15 aggregate kinds (text[])  $16 aggregate ids (uuid[])  $17 versions (int[])
-- $18 kinds (text[])
-- $19 recorded at (bigint[], microseconds)  $20 actors (text[])  $21 command ids (uuid[])
-- $22 content hashes (bytea[], empty = none)  $23 schema versions (int[])
-- $24 lead regions (text[])
-- $25 bytes (bytea[])  $26 previous hashes (bytea[])  $27 hashes (bytea[])
-- Withheld runs: $28 first (bigint[])  $29 last (bigint[])  $30 hashes (bytea[])
-- Images, arrays of one length:
-- $31 kinds (text[])  $32 ids (uuid[])  $33 versions (int[])  $34 epochs (int[])
-- $35 owners (text[])  $36 lead regions (text[])  $37 since which versions (int[])
-- $38 public only (boolean[])
-- Rows of the images, arrays of one length:
-- $39 number of the image, from 1 (int[])  $40 kinds (text[])
-- $41 since when believed, $42 until when (bigint[], microseconds, 0 0 = without belief)
-- $43 JSON objects (text[])
-- What the engine refused, with the reasons of cpts/sync_value.h, '' = it did not; it has raised the
-- alarm: $44 of the entries (text[]; CHAIN_BROKEN, ORIGIN_FORGED: kept apart from the log; GAP: the
-- chain has passed it, so it is here already, or kept apart with an alarm)
-- $45 of the images (text[]; ORIGIN_FORGED, OUT_OF_SCOPE: parked)
-- Of the images once more: $46 told again, without a change (boolean[])
-- Gives one row: 0 images stored (int), 1 passed over because they were stored already (int),
-- 2 aggregates parked now (int), 3 aggregates of this peer that are parked in all (int), 4 entries
-- appended to the log (int), 5 entries kept apart (int), 6 head of the local log (bigint).
SELECT a.stored_count, a.absorbed_count, a.newly_parked_count, a.parked_count, a.entry_count,
       a.apart_count, a.log_position
  FROM cpts.sync_apply($1::text, $2::text, $3::text, $4::text, $5::int, $6::bigint, $7::bigint, $8::bytea,
         $9::int, $10::bigint, $11::bytea, $12::text[], $13::bigint[], $14::int[], $15::text[],
         $16::uuid[], $17::int[], $18::text[], $19::bigint[], $20::text[], $21::uuid[],
         $22::bytea[], $23::int[], $24::text[], $25::bytea[], $26::bytea[], $27::bytea[],
         $28::bigint[], $29::bigint[], $30::bytea[], $31::text[], $32::uuid[], $33::int[],
         $34::int[], $35::text[], $36::text[], $37::int[], $38::boolean[], $39::int[],
         $40::text[], $41::bigint[], $42::bigint[], $43::text[], $44::text[], $45::text[],
         $46::boolean[]) a
