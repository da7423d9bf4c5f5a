-- Every peer as this node sees it, in order of name.
-- $1 this node (text)  $2 a peer (text, '' = all)
-- Gives rows: 0 node (text), 1 status (text), 2 epoch (int), 3 address (text), 4 head of the local
-- log (bigint), 5 local position that it acknowledged (bigint), 6 changes of this node that wait
-- for it (bigint, an upper bound: what it may not see counts too), 7 recorded at of the oldest
-- of them (bigint, microseconds, 0 = none), 8 head of its log as last told (bigint), 9 position
-- of it that is stored (bigint), 10 last origin position of its chain (bigint), 11 checkpoint of
-- it (bigint), 12 aggregates parked (int), 13 alarms up (int), 14 last batch stored or
-- acknowledged (bigint, microseconds, 0 = never), 15 enrolled at, 16 suspended at (bigint,
-- microseconds, 0 = not), 17 chunks of a snapshot that are staged (int), 18 has a checkpoint key
-- (boolean), 19 oldest parked (bigint, microseconds, 0 = none).
SELECT ''::text AS node, ''::text AS status, 0::int AS epoch, ''::text AS address,
       0::bigint AS head,
       0::bigint AS acknowledged, 0::bigint AS waiting_count, 0::bigint AS oldest_at,
       0::bigint AS peer_head, 0::bigint AS position, 0::bigint AS origin_position,
       0::bigint AS checkpoint, 0::int AS parked_count, 0::int AS alarm_count,
       0::bigint AS last_contact_at, 0::bigint AS enrolled_at, 0::bigint AS suspended_at,
       0::int AS staged_count, false AS has_key, 0::bigint AS oldest_parked_at
 WHERE num_nulls($1::text, $2::text) >= 0
   AND false
