-- The end of a chain as it is stored here, and its last checkpoint.
-- $1 this node (text)  $2 node of the chain (text)
-- Gives one row: 0 last origin position (bigint, 0 = none), 1 hash there (bytea, empty at 0),
-- 2 position of the last checkpoint (bigint, 0 = none), 3 when it was signed (bigint,
-- microseconds), 4 when the oldest entry after it was recorded here (bigint, microseconds; 0 =
-- there is none), 5 its hash (bytea), 6 signature (bytea), 7 key id (bytea): empty without a
-- checkpoint.
SELECT h.chain_position AS position, h.chain_hash AS hash, h.signed_position, h.signed_at, h.oldest_at, h.signed_hash, h.signature,
       h.key_id
  FROM cpts.sync_checkpoint_head($2::text) h
 WHERE $1::text <> ''
