-- The session that holds the log's lock and waits for its client: no time limit
-- of the server ends it. Only sessions of the same role are seen.
-- Gives no row or one: a word for this very wait, equal as long as it lasts.
SELECT concat_ws(' ', a.pid, a.backend_start, a.xact_start, a.query_start)
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
   AND (l.classid::bigint << 32) | l.objid::bigint = cpts.log_lock_key()
   AND a.wait_event_type = 'Client' AND a.wait_event = 'ClientRead'
