-- Alarms, the newest first.
-- $1 this node (text)  $2 a peer (text, '' = all)  $3 cleared ones too (boolean)
-- $4 rows at most (int)  $5 alarm_id before which (bigint, NULL = from the newest on)
-- Gives rows: 0 alarm_id (bigint), 1 peer (text), 2 alarm (text), 3 aggregate (text, '' = none),
-- 4 detail (text), 5 times (bigint), 6 first at, 7 last at, 8 cleared at (bigint, microseconds,
-- 0 = it is up), 9 by whom (text).
SELECT 0::bigint AS alarm_id, ''::text AS peer, ''::text AS alarm, ''::text AS aggregate,
       ''::text AS detail, 0::bigint AS times, 0::bigint AS first_at, 0::bigint AS last_at,
       0::bigint AS cleared_at, ''::text AS cleared_by
 WHERE num_nulls($1::text, $2::text, $3::boolean, $4::int, $5::bigint) >= 0
   AND false
