-- This node's place in the stream of a peer.
-- $1 this node (text)  $2 the peer (text)
-- Gives one row, of zeros before the first batch: 0 epoch (int), 1 position (bigint), 2 scope hash
-- (bytea, empty = none), 3 schema version (int), 4 origin position (bigint), 5 hash there (bytea,
-- empty = none), 6 snapshot that broke off (text, '' = none), 7 chunks of it that are staged
-- (int).
SELECT 0::int AS epoch, 0::bigint AS position, ''::bytea AS scope_hash, 0::int AS schema_version,
       0::bigint AS origin_position, ''::bytea AS origin_hash, ''::text AS snapshot_id,
       0::int AS snapshot_chunk_count
 WHERE num_nulls($1::text, $2::text) >= 0
