-- Takes an alarm down.
-- $1 this node (text)  $2 alarm_id (bigint)  $3 who says so (text)
-- Gives one row: 0 outcome (text: OK, ALARM_NOT_FOUND).
SELECT cpts.sync_alarm_clear($2::bigint, $3::text) AS outcome WHERE $1::text <> ''
