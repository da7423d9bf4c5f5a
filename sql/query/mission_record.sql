-- Records that a mission of a CPTS entered a status.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 mission (text)    $9 status (text)      $10 date entered (date)
-- $11 statuses from which the step is legal, '' for none (text[])
-- $12 correction (bool): what was believed from $10 on stops being believed
-- $13 kinds of the clocks of the mission that stop (text[]); a correction lets the others run again
-- Gives one row: outcome, cpts_id, version, log_position, detail, clocks stopped (text[]).
WITH current AS MATERIALIZED (
  SELECT m.status::text AS status, m.valid_from
    FROM cpts.cpts_mission m
   WHERE m.cpts_id = $4::uuid AND m.mission = $8::text AND m.recorded_to = 'infinity'
     AND (NOT $12::bool OR m.valid_from < $10::date)
   ORDER BY m.valid_from DESC, m.version DESC LIMIT 1
), known AS MATERIALIZED (
  SELECT r.code FROM cpts.mission r
   WHERE r.code = $8::text AND r.valid_from <= $10::date AND r.valid_to > $10::date
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND EXISTS (SELECT FROM known)
     AND coalesce((SELECT status FROM current), '') = ANY ($11::text[])
     AND coalesce((SELECT valid_from FROM current), '-infinity') <= $10::date
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_mission m
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE $12::bool AND m.cpts_id = $4::uuid AND m.mission = $8::text
     AND m.recorded_to = 'infinity' AND m.valid_from >= $10::date
), mission_row AS (
  INSERT INTO cpts.cpts_mission (cpts_id, version, mission, status, lead_region, valid_from,
      recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $9::text, changed.lead_region, $10::date,
           cpts.log_now()
      FROM changed
), stopped AS MATERIALIZED (
  SELECT cpts.mission_clock_follow($4::uuid, changed.version, changed.lead_region, $8::text,
           $10::date, $13::text[], $12::bool) AS clocks
    FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version, stopped.clocks,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_MISSION_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed, stopped
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail,
       logged.clocks
  FROM logged
UNION ALL
SELECT coalesce(r.outcome,
         CASE WHEN current_setting('app.scope', true) LIKE 'cpts:%' THEN 'OUT_OF_SCOPE'
              WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE') THEN 'CPTS_ENDED'
              WHEN NOT EXISTS (SELECT FROM known) THEN 'UNKNOWN_MISSION'
              WHEN coalesce((SELECT c.status FROM current c), '') = ANY ($11::text[])
                THEN 'MISSION_DATE_BEFORE_CURRENT'
              ELSE 'ILLEGAL_MISSION_STEP' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail,
         CASE WHEN r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                THEN concat_ws(' ', r.stage, r.stage_on)
              ELSE coalesce((SELECT concat_ws(' ', c.status, c.valid_from) FROM current c),
                            'no status') END),
       NULL
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
 WHERE NOT EXISTS (SELECT FROM logged)
