-- Approves or locks values of a CPTS: all of them or none.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 indicators (text[])  $9 periods (text[])  $10 state to reach (text)
-- $11 state from which it follows (text)
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH asked AS MATERIALIZED (
  SELECT a.indicator, a.period, v.valid_from, v.valid_to, v.value, v.state, v.correction_reason
    FROM unnest($8::text[], $9::text[]) AS a (indicator, period)
    LEFT JOIN cpts.cpts_indicator_value v
      ON v.cpts_id = $4::uuid AND v.indicator = a.indicator AND v.period = a.period
     AND v.recorded_to = 'infinity'
), refused AS MATERIALIZED (
  SELECT concat_ws(' ', a.indicator, a.period, coalesce(a.state, 'no value')) AS detail
    FROM asked a
   WHERE a.state IS DISTINCT FROM $11::text
   ORDER BY a.indicator, a.period
   LIMIT 1
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND NOT EXISTS (SELECT FROM refused)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_indicator_value v
     SET recorded_to = cpts.log_now()
    FROM changed, asked a
   WHERE v.cpts_id = $4::uuid AND v.indicator = a.indicator AND v.period = a.period
     AND v.recorded_to = 'infinity'
), added AS (
  INSERT INTO cpts.cpts_indicator_value (cpts_id, version, indicator, period, value,
      state, correction_reason, lead_region, valid_from, valid_to, recorded_from)
    SELECT $4::uuid, changed.version, a.indicator, a.period, a.value, $10::text,
           a.correction_reason, changed.lead_region, a.valid_from, a.valid_to, cpts.log_now()
      FROM changed, asked a
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch,
           'CPTS_INDICATOR_VALUES_DECIDED', changed.lead_region, $6::bytea, $1::text, $2::uuid,
           $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome,
         CASE WHEN current_setting('app.scope', true) LIKE 'cpts:%' THEN 'OUT_OF_SCOPE'
              ELSE 'INDICATOR_STEP_ILLEGAL' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, f.detail)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  LEFT JOIN refused f ON true
 WHERE NOT EXISTS (SELECT FROM logged)
