-- A peer has stored everything up to a local position.
-- $1 this node (text)  $2 the peer (text)  $3 local position (bigint)
-- Gives one row: 0 position acknowledged now, never lower than before (bigint).
SELECT cpts.sync_acknowledged($2::text, $3::bigint) AS position WHERE $1::text <> ''
