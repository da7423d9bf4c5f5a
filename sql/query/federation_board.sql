-- How every other node fares as this one sees it, by name; one row at least, about this node.
-- $1 this node (text)  $2 only that node (text, '' = all)
-- Gives: 0 node (NULL: there is none), 1 address, 2 state (as cpts.v1.NodeState), 3 epoch, 4 head of the
-- local log, 5 local position that it acknowledged, 6 changes of this node that wait for it (an
-- upper bound: what it may not see counts too), 7 their bytes (of 10,000 at most), 8 recorded at of the oldest (0 = none),
-- 9 head of its log as last told, 10 position of it that is stored, 11 its last checkpoint kept here,
-- 12 aggregates parked, 13 oldest parked at (0 = none), 14 alarms up, 15 last contact (0 = never),
-- 16 chunks of a snapshot that are staged, 17 end of the certificate that this node gave it (0 = unknown),
-- 18 epoch of this node, 19 why it takes no commands, 20 its own last checkpoint; instants are
-- microseconds.
SELECT n.name, n.address, cpts.node_state(n.name, $1::text), n.epoch, h.head,
       coalesce(c.acknowledged_position, 0), coalesce(w.change_count, 0), coalesce(w.byte_count, 0),
       coalesce(cpts.unix_us(w.oldest_at), 0), coalesce(c.head, 0), coalesce(c.position, 0),
       coalesce((SELECT max(k.position) FROM cpts.sync_checkpoint k WHERE k.node = n.name), 0),
       coalesce(p.parked_count, 0), coalesce(cpts.unix_us(p.oldest_at), 0),
       (SELECT count(*) FROM cpts.federation_alarm a WHERE a.peer = n.name AND a.cleared_at IS NULL),
       coalesce(cpts.unix_us(greatest(c.stored_at, c.acknowledged_at)), 0),
       coalesce((SELECT g.chunk_count FROM cpts.sync_staged_count(n.name) g), 0), coalesce(cpts.unix_us(cpts.node_certificate_end(n.name)), 0),
       coalesce(s.epoch, 1), coalesce(s.read_only, ''),
       coalesce((SELECT max(k.position) FROM cpts.sync_checkpoint k WHERE k.node = $1::text), 0)
  FROM (VALUES ($1::text)) one (node)
 CROSS JOIN LATERAL (SELECT cpts.log_head() AS head) h
  LEFT JOIN cpts.node_self s ON s.is_self
  LEFT JOIN cpts.node n ON n.name <> one.node AND ($2::text = '' OR n.name = $2::text)
  LEFT JOIN cpts.sync_cursor c ON c.peer = n.name
  LEFT JOIN LATERAL (
    SELECT h.head - coalesce(c.acknowledged_position, 0) AS change_count,
           sum(octet_length(l.bytes)) AS byte_count, min(l.recorded_at) AS oldest_at
      FROM (SELECT l.bytes, l.recorded_at FROM cpts.change_log l
             WHERE l.local_position > coalesce(c.acknowledged_position, 0)
             ORDER BY l.local_position LIMIT 10000) l) w ON true
  LEFT JOIN LATERAL (
    SELECT count(*) AS parked_count, min(a.parked_at) AS oldest_at
      FROM cpts.parked_aggregate a WHERE a.peer = n.name AND a.rejected_at IS NULL) p ON true
 ORDER BY n.name
