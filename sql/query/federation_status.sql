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
SELECT n.name AS node, n.status, n.epoch, n.address, cpts.log_head() AS head,
       coalesce(c.acknowledged_position, 0) AS acknowledged, w.change_count AS waiting_count,
       w.oldest_at, coalesce(c.head, 0) AS peer_head, coalesce(c.position, 0) AS position,
       coalesce(c.origin_position, 0) AS origin_position,
       coalesce((SELECT max(k.position) FROM cpts.sync_checkpoint k WHERE k.node = n.name), 0)
         AS checkpoint,
       p.parked_count,
       (SELECT count(*)::int FROM cpts.federation_alarm a
         WHERE a.peer = n.name AND a.cleared_at IS NULL) AS alarm_count,
       coalesce(cpts.unix_us(greatest(c.stored_at, c.acknowledged_at)), 0) AS last_contact_at,
       coalesce(cpts.unix_us(n.enrolled_at), 0) AS enrolled_at,
       coalesce(cpts.unix_us(n.suspended_at), 0) AS suspended_at, s.chunk_count AS staged_count,
       n.checkpoint_key IS NOT NULL AS has_key, p.oldest_at AS oldest_parked_at
  FROM cpts.node n
  LEFT JOIN cpts.sync_cursor c ON c.peer = n.name
 CROSS JOIN LATERAL cpts.sync_waiting(coalesce(c.acknowledged_position, 0)) w
 CROSS JOIN LATERAL cpts.sync_staged_count(n.name) s
 CROSS JOIN LATERAL (SELECT count(*)::int AS parked_count,
                            coalesce(cpts.unix_us(min(k.parked_at)), 0) AS oldest_at
                       FROM cpts.parked_aggregate k
                      WHERE k.peer = n.name AND k.rejected_at IS NULL) p
 WHERE n.name <> $1::text AND ($2::text = '' OR n.name = $2::text)
 ORDER BY n.name
