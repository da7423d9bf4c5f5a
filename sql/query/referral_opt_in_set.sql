-- Says whether a CPTS receives referrals before its contract is signed.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)  $8 use case (text)  $9 whether it does (boolean)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH current AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM cpts.referral_opt_in o
                  WHERE o.cpts_id = $4::uuid AND o.use_case = $8::text) AS opted_in
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND (SELECT c.opted_in <> $9::boolean FROM current c)
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), added AS (
  INSERT INTO cpts.referral_opt_in (cpts_id, use_case, since)
    SELECT $4::uuid, $8::text, cpts.log_now() FROM changed WHERE $9::boolean
), removed AS (
  DELETE FROM cpts.referral_opt_in o
   WHERE o.cpts_id = $4::uuid AND o.use_case = $8::text AND NOT $9::boolean
     AND EXISTS (SELECT FROM changed)
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'REFERRAL_OPT_IN_SET',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, 'NOTHING_TO_CORRECT'), $4::uuid, r.version, r.log_position, r.detail
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
