-- This node's place in the stream of a peer.
-- $1 this node (text)  $2 the peer (text)
-- Gives one row, of zeros before the first batch: 0 epoch (int), 1 position (bigint), 2 scope hash
-- (bytea, empty = none), 3 schema version (int), 4 origin position (bigint), 5 hash there (bytea,
-- empty = none), 6 snapshot that broke off (text, '' = none), 7 chunks of it that are staged
-- (int), 8 last signed point of that chain (bigint, 0 = none), 9 when the oldest change after it was
-- stored here (bigint, microseconds; 0 = there is none), 10 when that point was signed (bigint,
-- microseconds), 11 hash there (bytea), 12 signature (bytea), 13 key id (bytea): empty without one.
SELECT coalesce(c.epoch, 0) AS epoch, coalesce(c.position, 0) AS position,
       coalesce(c.scope_hash, '') AS scope_hash, coalesce(c.schema_version, 0) AS schema_version,
       coalesce(c.origin_position, 0) AS origin_position,
       coalesce(c.origin_hash, '') AS origin_hash, coalesce(s.snapshot_id::text, '') AS snapshot_id,
       s.chunk_count, h.signed_position, h.oldest_at, h.signed_at, h.signed_hash, h.signature, h.key_id
  FROM cpts.sync_staged_count($2::text) s
 CROSS JOIN cpts.sync_checkpoint_head($2::text) h
  LEFT JOIN cpts.sync_cursor c ON c.peer = $2::text
 WHERE $1::text <> ''
