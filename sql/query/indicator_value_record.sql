-- Submits values of a CPTS: all of them or none.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 indicators (text[])  $9 periods (text[])  $10 their first days (date[])
-- $11 their last days (date[])  $12 values (numeric[])  $13 may correct locked ones (boolean)
-- $14 why (text, '' = none is)
-- A corrected value stays locked; the others are submitted anew.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH asked AS MATERIALIZED (
  SELECT a.indicator, a.period, a.first_on, a.last_on, a.value,
         EXISTS (SELECT FROM cpts.indicator i
                  WHERE i.code = a.indicator AND i.valid_from <= a.last_on
                    AND i.valid_to > a.last_on) AS is_known,
         EXISTS (SELECT FROM cpts.cpts_indicator_value v
                  WHERE v.cpts_id = $4::uuid AND v.indicator = a.indicator AND v.period = a.period
                    AND v.recorded_to = 'infinity' AND v.state = 'LOCKED') AS is_locked
    FROM unnest($8::text[], $9::text[], $10::date[], $11::date[], $12::numeric[])
           AS a (indicator, period, first_on, last_on, value)
), refused AS MATERIALIZED (
  SELECT CASE WHEN NOT a.is_known THEN 'UNKNOWN_INDICATOR' ELSE 'INDICATOR_LOCKED' END AS outcome,
         concat_ws(' ', a.indicator, a.period) AS detail
    FROM asked a
   WHERE NOT a.is_known
      OR (a.is_locked AND (NOT ($13::boolean AND $14::text <> '')
                           OR current_setting('app.scope', true) LIKE 'cpts:%'))
   ORDER BY a.is_known, a.indicator, a.period
   LIMIT 1
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND cpts.may_write(lead_region, cpts_id)
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
    SELECT $4::uuid, changed.version, a.indicator, a.period, a.value,
           CASE WHEN a.is_locked THEN 'LOCKED' ELSE 'SUBMITTED' END,
           CASE WHEN a.is_locked THEN $14::text ELSE '' END, changed.lead_region, a.first_on,
           a.last_on + 1, cpts.log_now()
      FROM changed, asked a
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch,
           'CPTS_INDICATOR_VALUES_RECORDED', changed.lead_region, $6::bytea, $1::text, $2::uuid,
           $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, f.outcome), $4::uuid, r.version, r.log_position,
       coalesce(r.detail, f.detail)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  LEFT JOIN refused f ON true
 WHERE NOT EXISTS (SELECT FROM logged)
