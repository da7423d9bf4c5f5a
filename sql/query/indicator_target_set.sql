-- Sets the step table of a CPTS for one indicator from a date on.
-- $1 principal (text)  $2 command_id (uuid)  $3 content hash (bytea)
-- $4 cpts_id (uuid)    $5 this node (text)   $6 change bytes (bytea)
-- $7 version seen (int)
-- $8 indicator (text)  $9 valid from (date)  $10 baseline (numeric or NULL)
-- $11 thresholds (numeric[])  $12 amounts in cents (bigint[])  $13 published (boolean)
-- $14 which way the thresholds go (text: UP, DOWN, '' = there is but one)
-- Tables that were believed to begin on or after $9 stop being believed.
-- Gives one row: outcome, cpts_id, version, log_position, detail.
WITH definition AS MATERIALIZED (
  SELECT CASE WHEN i.direction = 'YES_NO' THEN $11::numeric[] = '{1}'::numeric[]
              ELSE $14::text IN ('', i.direction) END AS fits
    FROM cpts.indicator i
   WHERE i.code = $8::text AND i.valid_from <= $9::date AND i.valid_to > $9::date
), changed AS (
  UPDATE cpts.cpts
     SET version = version + 1, updated_at = cpts.log_now()
   WHERE cpts_id = $4::uuid AND version = $7::int AND owner_node = $5::text
     AND stage <> ALL ('{ABANDONNE,FUSIONNE,DISSOUS,NON_RENOUVELE}'::text[])
     AND cpts.may_decide(lead_region, cpts_id, false)
     AND (SELECT fits FROM definition)
     AND NOT EXISTS (SELECT FROM cpts.command WHERE principal = $1::text AND command_id = $2::uuid)
  RETURNING version, epoch, lead_region
), superseded AS (
  UPDATE cpts.cpts_indicator_target t
     SET recorded_to = cpts.log_now()
    FROM changed
   WHERE t.cpts_id = $4::uuid AND t.indicator = $8::text AND t.recorded_to = 'infinity'
     AND t.valid_from >= $9::date
), added AS (
  INSERT INTO cpts.cpts_indicator_target (cpts_id, version, indicator, baseline, thresholds,
      amounts_cents, published, lead_region, valid_from, recorded_from)
    SELECT $4::uuid, changed.version, $8::text, $10::numeric, $11::numeric[], $12::bigint[],
           $13::boolean, changed.lead_region, $9::date, cpts.log_now()
      FROM changed
), logged AS MATERIALIZED (
  SELECT changed.version,
         cpts.log_append('CPTS', $4::uuid, changed.version, changed.epoch, 'CPTS_INDICATOR_TARGET_SET',
           changed.lead_region, $6::bytea, $1::text, $2::uuid, $3::bytea) AS log_position
    FROM changed
)
SELECT 'OK' AS outcome, $4::uuid AS cpts_id, logged.version, logged.log_position, NULL AS detail
  FROM logged
UNION ALL
SELECT coalesce(r.outcome, CASE WHEN current_setting('app.scope', true) LIKE 'cpts:%'
                                THEN 'OUT_OF_SCOPE'
                                WHEN NOT s.is_live THEN 'CPTS_ENDED'
                                WHEN d.fits IS NULL THEN 'UNKNOWN_INDICATOR'
                                ELSE 'THRESHOLD_ORDER_INVALID' END),
       $4::uuid, r.version, r.log_position,
       coalesce(r.detail, CASE WHEN s.is_live THEN $8::text ELSE concat_ws(' ', r.stage, r.stage_on) END)
  FROM cpts.command_refusal($1::text, $2::uuid, $3::bytea, $4::uuid, $5::text, $7::int) r
  LEFT JOIN cpts.stage s ON s.code = r.stage
  LEFT JOIN definition d ON true
 WHERE NOT EXISTS (SELECT FROM logged)
