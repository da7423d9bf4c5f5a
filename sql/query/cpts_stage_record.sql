-- Records that a CPTS entered a live stage (a way out: cpts_exit_record.sql).
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 stage (text)      $9 date entered (date) $10 successor (uuid or NULL)
-- $11 stages from which the step is legal (text[])
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now(), stage = $8::text, stage_on = $9::date
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage = ANY ($11::text[]) AND stage_on <= $9::date
     AND cpts.may_write(lead_region, cpts_id)
     AND ($8::text <> 'PROJET_VALIDE'
          OR cpts.stage_share_excess(cpts_id, owner_node, $9::date) IS NULL)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), stage_row AS (
  INSERT INTO cpts.cpts_stage (cpts_id, version, stage, successor_id, lead_region, valid_from,
      recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $10::uuid, changed.lead_region, $9::date,
           cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_STAGE_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN r.stage <> ALL ($11::text[]) THEN 'ILLEGAL_STAGE_STEP'
                                WHEN r.stage_on > $9::date THEN 'STAGE_DATE_BEFORE_CURRENT'
                                ELSE 'TERRITORY_SHARE_EXCEEDED' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN r.outcome IS NULL AND r.stage = ANY ($11::text[])
                                AND r.stage_on <= $9::date
                               THEN cpts.stage_share_excess($4::uuid, $5::text, $9::date) END,
                concat_ws(' ', r.stage, r.stage_on))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
