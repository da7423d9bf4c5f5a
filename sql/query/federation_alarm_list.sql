-- Alarms, the newest first.
-- $1 this node (text)  $2 a peer (text, '' = all)  $3 cleared ones too (boolean)
-- $4 rows at most (int)  $5 alarm_id before which (bigint, NULL = from the newest on)
-- Gives rows: 0 alarm_id (bigint), 1 peer (text), 2 alarm (text), 3 aggregate (text, '' = none),
-- 4 detail (text), 5 times (bigint), 6 first at, 7 last at, 8 cleared at (bigint, microseconds,
-- 0 = it is up), 9 by whom (text).
SELECT a.alarm_id, a.peer, a.alarm, a.aggregate, a.detail, a.times,
       cpts.unix_us(a.first_at) AS first_at, cpts.unix_us(a.last_at) AS last_at,
       coalesce(cpts.unix_us(a.cleared_at), 0) AS cleared_at, a.cleared_by
  FROM cpts.federation_alarm a
 WHERE $1::text <> '' AND ($2::text = '' OR a.peer = $2::text)
   AND ($3::boolean OR a.cleared_at IS NULL)
   AND ($5::bigint IS NULL OR a.alarm_id < $5::bigint)
 ORDER BY a.alarm_id DESC LIMIT $4::int
