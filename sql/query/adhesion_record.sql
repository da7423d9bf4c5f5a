-- Records how many of the professionals of a territory were members on a date.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 members among them (int)  $9 professionals (int)  $10 counted on (date)
-- $11 who counted, and in what (text)
-- What was believed about that very date stops being believed.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_write(lead_region, cpts_id)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_adhesion a
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE a.cpts_id = $4::uuid AND a.valid_from = $10::date AND a.recorded_to = 'infinity'
), recorded AS (
  INSERT INTO cpts.cpts_adhesion (cpts_id, valid_from, version, adherent_count,
      professional_count, source, lead_region, recorded_from)
    SELECT $4::uuid, $10::date, changed.version, $8::int, $9::int, $11::text,
           changed.lead_region, cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'ADHESION_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, 'CPTS_ENDED'), $4::uuid, r.version, r.log_position,
       coalesce(r.detail, concat_ws(' ', r.stage, r.stage_on))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
