-- Records a seat of a representative of users, or what is now believed of it.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 seat (uuid)       $9 it is a new one (bool)
-- $10 association (text)              $11 reference of its approval (text)
-- $12 designated on (date)            $13 reference of the designation (text)
-- $14 trained on (date, NULL = not)   $15 voice (text)
-- $16 from (date)      $17 until (date, infinity = open)
-- $18 seats at most (int)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH seat AS MATERIALIZED (
  SELECT count(DISTINCT f.representative_id) AS seat_count,
         bool_or(f.representative_id = $8::uuid) AS is_known
    FROM cpts.cpts_representative f
   WHERE f.cpts_id = $4::uuid AND f.recorded_to = 'infinity'
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_write(lead_region, cpts_id)
     AND (SELECT CASE WHEN $9::bool THEN seat_count < $18::int ELSE is_known END FROM seat)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_representative f
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE f.cpts_id = $4::uuid AND f.representative_id = $8::uuid AND f.recorded_to = 'infinity'
  RETURNING f.representative_id
), recorded AS (
  INSERT INTO cpts.cpts_representative (cpts_id, representative_id, version, association,
      approval_reference, designated_on, designation_reference, trained_on, voice, lead_region,
      valid_from, valid_to, recorded_from)
    SELECT $4::uuid, $8::uuid, changed.version, $10::text, $11::text, $12::date, $13::text,
           $14::date, $15::text, changed.lead_region, $16::date, $17::date, cpts.log_now()
      FROM changed
  RETURNING representative_id
), counted AS MATERIALIZED (
  SELECT cpts.member_count_refresh($4::uuid, changed.version, changed.lead_region,
           '{REPRESENTANT_USAGERS}') AS row_count
    FROM changed, (SELECT count(*) FROM recorded) r, (SELECT count(*) FROM superseded) s
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch,
           'REPRESENTATIVE_RECORDED', changed.lead_region, $6::bytea, $1::text, $2::uuid,
           $3::bytea) AS log_position
    FROM changed, counted
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position,
       $8::uuid::text AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                                THEN 'CPTS_ENDED'
                                WHEN $9::bool THEN 'TOO_MANY_REPRESENTATIVES'
                                ELSE 'REPRESENTATIVE_NOT_FOUND' END),
       $4::uuid, r.version, r.log_position,
       CASE WHEN r.outcome = 'REPLAYED'
            THEN (SELECT f.representative_id::text FROM cpts.cpts_representative f
                   WHERE f.cpts_id = $4::uuid AND f.version = r.version)
            ELSE coalesce(r.detail, concat_ws(' ', r.stage, r.stage_on)) END
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
