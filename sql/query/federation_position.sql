-- Where in the local log this node's own chain reaches a position.
-- $1 this node (text)  $2 origin position in its own chain (bigint)
-- Gives one row: 0 local position of that entry, or of the last one before it that is stored
-- (bigint, 0 = none).
SELECT coalesce(max(l.local_position), 0) AS local_position
  FROM cpts.change_log l
 WHERE l.origin_node = $1::text AND l.origin_position <= $2::bigint
