-- The end of a chain as it is stored here, and its last checkpoint.
-- $1 this node (text)  $2 node of the chain (text)
-- Gives one row: 0 last origin position (bigint, 0 = none), 1 hash there (bytea, empty at 0),
-- 2 position of the last checkpoint (bigint, 0 = none), 3 when it was signed (bigint,
-- microseconds), 4 when the oldest entry after it was recorded here (bigint, microseconds; 0 =
-- there is none), 5 its hash (bytea), 6 signature (bytea), 7 key id (bytea): empty without a
-- checkpoint.
SELECT 0::bigint AS position, ''::bytea AS hash, 0::bigint AS signed_position,
       0::bigint AS signed_at,
       0::bigint AS oldest_at, ''::bytea AS signed_hash, ''::bytea AS signature,
       ''::bytea AS key_id
 WHERE num_nulls($1::text, $2::text) >= 0
