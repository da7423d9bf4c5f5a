-- A peer has stored everything up to a local position.
-- $1 this node (text)  $2 the peer (text)  $3 local position (bigint)
-- Gives one row: 0 position acknowledged now, never lower than before (bigint).
SELECT 0::bigint AS position
 WHERE num_nulls($1::text, $2::text, $3::bigint) >= 0
