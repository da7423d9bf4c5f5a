-- Records, or withdraws, a fact of the health-crisis mission of a CPTS.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 kind (text)       $9 date (date)
-- $10 withdrawn (bool): the fact of that kind and date is no longer believed
-- The plan is written once, and updated or not after that.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH believed AS MATERIALIZED (
  SELECT f.kind::text AS kind, f.valid_from
    FROM cpts.cpts_crisis f
   WHERE f.cpts_id = $4::uuid AND f.recorded_to = 'infinity'
), judged AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM believed b
                  WHERE b.kind = $8::text
                    AND (b.valid_from = $9::date OR b.kind = 'PLAN_WRITTEN' AND NOT $10::bool))
           AS is_there,
         $8::text <> 'PLAN_UPDATED'
           OR EXISTS (SELECT FROM believed b
                       WHERE b.kind = 'PLAN_WRITTEN' AND b.valid_from <= $9::date) AS has_plan
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND ($10::bool OR stage NOT IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE'))
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND (SELECT j.is_there = $10::bool AND (j.has_plan OR $10::bool) FROM judged j)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), withdrawn AS (
  UPDATE cpts.cpts_crisis f
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE $10::bool AND f.cpts_id = $4::uuid AND f.kind = $8::text AND f.valid_from = $9::date
     AND f.recorded_to = 'infinity'
), crisis_row AS (
  INSERT INTO cpts.cpts_crisis (cpts_id, version, kind, lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::text, changed.lead_region, $9::date, cpts.log_now()
      FROM changed
     WHERE NOT $10::bool
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_CRISIS_RECORDED',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome,
         CASE WHEN current_setting('app.scope', true) LIKE 'cpts:%' THEN 'OUT_OF_SCOPE'
              WHEN NOT $10::bool
                   AND r.stage IN ('ABANDONNE', 'FUSIONNE', 'DISSOUS', 'NON_RENOUVELE')
                THEN 'CPTS_ENDED'
              WHEN j.is_there AND NOT $10::bool THEN 'CRISIS_FACT_REPEATED'
              WHEN $10::bool THEN 'CRISIS_FACT_NOT_FOUND'
              ELSE 'CRISIS_PLAN_NOT_WRITTEN' END),
       $4::uuid, r.version, r.log_position, coalesce(r.detail, concat_ws(' ', r.stage, r.stage_on))
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  CROSS JOIN judged j
 WHERE NOT EXISTS (SELECT FROM logged)
