-- Takes an enrolment back.
-- $1 principal (text)      $2 command_id (uuid)     $3 content hash (bytea)
-- $4 enrolment_id (uuid)   $5 this node (text)      $6 change bytes (bytea)
-- $7 reason (text)
-- Gives one row: outcome, enrolment_id, version, log_position, detail.
WITH seen AS MATERIALIZED (
  SELECT content_hash = $3::bytea AS same, version, log_position
    FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid
), target AS MATERIALIZED (
  SELECT e.version, e.used_at, e.revoked_at, e.certificate_serial
    FROM (VALUES ($5::text)) said (node) LEFT JOIN cpts.enrolment e ON e.enrolment_id = $4::uuid
), changed AS (
  UPDATE cpts.enrolment
     SET version = version + 1, revoked_at = cpts.log_now(), revoked_reason = $7::text
   WHERE enrolment_id = $4::uuid AND used_at IS NULL AND revoked_at IS NULL
     AND NOT EXISTS (SELECT FROM seen)
  RETURNING version, lead_region
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('ENROLMENT', $4::uuid, changed.version, 1, 'ENROLMENT_REVOKED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT CASE WHEN logged.version IS NOT NULL THEN 'OK'
            WHEN seen.same THEN 'REPLAYED'
            WHEN NOT seen.same THEN 'COMMAND_ID_REUSED'
            WHEN target.version IS NULL THEN 'ENROLMENT_NOT_FOUND'
            WHEN target.used_at IS NOT NULL THEN 'ENROLMENT_USED'
            ELSE 'ENROLMENT_REVOKED' END AS outcome,
       $4::uuid AS enrolment_id,
       coalesce(logged.version, seen.version) AS version,
       coalesce(logged.log_position, seen.log_position) AS log_position,
       coalesce(target.certificate_serial, '') AS detail
  FROM target
  LEFT JOIN logged ON true
  LEFT JOIN seen ON true
