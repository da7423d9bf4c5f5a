-- Raises a clock that is due: at least once by the server, with effect once.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 clock id (uuid)
-- Gives one row: OK, or NOTHING when it was raised or stopped meanwhile.
WITH raised AS (
  UPDATE cpts.cpts_clock k
     SET raised_at = cpts.log_now()
   WHERE k.cpts_id = $4::uuid AND k.clock_id = $7::uuid AND k.recorded_to = 'infinity'
     AND k.valid_to = 'infinity' AND k.raised_at = 'infinity'
     AND k.due_on <= (cpts.log_now() AT TIME ZONE 'Europe/Paris')::date
     AND EXISTS (SELECT FROM cpts.cpts c WHERE c.cpts_id = $4::uuid AND c.owner_node = $5::text)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING k.clock_id
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND EXISTS (SELECT FROM raised)
  RETURNING version, epoch, lead_region
), logged AS MATERIALIZED (
  SELECT cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_CLOCK_DUE',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT CASE WHEN logged.log_position IS NULL THEN 'NOTHING' ELSE 'OK' END AS outcome
  FROM (VALUES (1)) one
  LEFT JOIN logged ON true
