-- Records the plan of a mission: proposed by the CPTS, or adopted with its ARS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 mission (text)    $9 state (text)       $10 valid from (date)
-- $11 objectives (text[])  $12 actions (text[])
-- What was believed of that state to hold on or after $10 stops being believed.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH known AS MATERIALIZED (
  SELECT r.code FROM cpts.mission r WHERE r.code = $8::text AND r.valid_to > $10::date
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_decide(lead_region, cpts_id, $9::text = 'PROPOSED')
     AND EXISTS (SELECT FROM known)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_mission_plan p
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE p.cpts_id = $4::uuid AND p.mission = $8::text AND p.state = $9::text
     AND p.recorded_to = 'infinity' AND p.valid_from >= $10::date
), plan_row AS (
  INSERT INTO cpts.cpts_mission_plan (cpts_id, version, mission, state, objectives, actions,
      lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $9::text, $11::text[], $12::text[],
           changed.lead_region, $10::date, cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_MISSION_PLAN_SET',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome,
         CASE WHEN $9::text = 'ADOPTED' AND current_setting('app.scope', true) LIKE 'cpts:%'
                THEN 'OUT_OF_SCOPE'
              WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') THEN 'CPTS_ENDED'
              ELSE 'UNKNOWN_MISSION' END),
       $4::uuid, r.version, r.log_position, coalesce(r.detail, concat_ws(' ', r.stage, r.stage_on))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
