-- Takes an alarm down.
-- $1 this node (text)  $2 alarm_id (bigint)  $3 who says so (text)
-- Gives one row: 0 outcome (text: OK, ALARM_NOT_FOUND).
SELECT 'ALARM_NOT_FOUND'::text AS outcome
 WHERE num_nulls($1::text, $2::bigint, $3::text) >= 0
