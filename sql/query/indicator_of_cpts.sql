-- The indicators of one CPTS: step tables of a date, values by period.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- $4 year ('' = all)
-- Only for those whose scope may write the CPTS, and the nodes (column 0).
-- Gives, a row an indicator: 0 in scope, 1 synthetic, 2 code, 3 mission, 4 label, 5 kind,
-- 6 direction, 7 unit, 8 counts people, 9 provider, 10 example, 11 source, 12 confidence,
-- 13 baseline, 14 thresholds[], 15 amounts in cents[], 16 published, 17 periods[], 18 values[],
-- 19 states[], 20 recorded_us[]. A CPTS without any gives one row with code NULL.
WITH target AS (
  SELECT DISTINCT ON (f.indicator) f.indicator, f.baseline, f.thresholds, f.amounts_cents, f.published
    FROM cpts.cpts_indicator_target f
   WHERE f.cpts_id = $1::uuid AND f.valid_from <= $2::date AND f.valid_to > $2::date
     AND f.recorded_from <= cpts.known_at($3::timestamptz)
     AND f.recorded_to > cpts.known_at($3::timestamptz)
   ORDER BY f.indicator, f.valid_from DESC, f.version DESC
), result AS (
  SELECT v.indicator, array_agg(v.period ORDER BY v.valid_to, v.period) AS periods,
         array_agg(v.value ORDER BY v.valid_to, v.period) AS figures,
         array_agg(v.state ORDER BY v.valid_to, v.period) AS states,
         array_agg(cpts.unix_us(v.recorded_from) ORDER BY v.valid_to, v.period) AS recorded
    FROM cpts.cpts_indicator_value v
   WHERE v.cpts_id = $1::uuid AND ($4::text = '' OR left(v.period, 4) = $4::text)
     AND v.recorded_from <= cpts.known_at($3::timestamptz)
     AND v.recorded_to > cpts.known_at($3::timestamptz)
   GROUP BY v.indicator
), own AS (
  SELECT coalesce(t.indicator, r.indicator) AS code, t.baseline, t.thresholds, t.amounts_cents,
         t.published, r.periods, r.figures, r.states, r.recorded
    FROM target t FULL JOIN result r ON r.indicator = t.indicator
)
SELECT cpts.may_write(c.lead_region, c.cpts_id), c.synthetic, o.code, i.mission, i.label, i.kind,
       i.direction, i.unit, i.counts_people, i.provider, i.example, i.source, i.confidence,
       o.baseline, o.thresholds, o.amounts_cents, o.published, o.periods, o.figures, o.states,
       o.recorded
  FROM cpts.cpts c
  LEFT JOIN own o ON true
  LEFT JOIN LATERAL (
    SELECT d.mission, d.label, d.kind, d.direction, d.unit, d.counts_people, d.provider,
           d.example, d.source, d.confidence
      FROM cpts.indicator d
     WHERE d.code = o.code
     ORDER BY d.valid_from <= $2::date DESC, abs(d.valid_from - $2::date) LIMIT 1) i ON true
 WHERE c.cpts_id = $1::uuid
 ORDER BY o.code
