-- Ends the session that stall_find saw, when it still waits as it did then.
-- $1 the word that stall_find gave (text)
-- Gives a row when it was ended: 0 its process id, 1 what it runs as.
SELECT a.pid, a.application_name, pg_catalog.pg_terminate_backend(a.pid)
  FROM pg_catalog.pg_stat_activity a
 WHERE concat_ws(' ', a.pid, a.backend_start, a.xact_start, a.query_start) = $1
   AND a.wait_event_type = 'Client' AND a.wait_event = 'ClientRead'
