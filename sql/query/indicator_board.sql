-- One indicator in one period, of every CPTS that has a published step table:
-- the leaves of the table in which small counts are then suppressed.
-- $1 indicator (text)  $2 period (text)  $3 last day of the period (date)
-- A CPTS counts in its lead region. The step table is the one of the period's
-- last day; only a locked value is given.
-- Gives: 0 region, 1 region name, 2 cpts_id, 3 name, 4 synthetic, 5 value (NULL = none locked),
-- 6 thresholds[], 7 amounts in cents[]. Ordered by region, then id.
SELECT r.code, r.name, c.cpts_id, c.name, c.synthetic, v.value, t.thresholds, t.amounts_cents
  FROM (SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.thresholds, f.amounts_cents, f.published
          FROM cpts.cpts_indicator_target f
         WHERE f.indicator = $1::text AND f.valid_from <= $3::date AND f.valid_to > $3::date
           AND f.recorded_to = 'infinity'
         ORDER BY f.cpts_id, f.valid_from DESC, f.version DESC) t
  JOIN cpts.cpts c ON c.cpts_id = t.cpts_id
  JOIN cpts.region r ON r.code = c.lead_region
  LEFT JOIN cpts.cpts_indicator_value v
    ON v.cpts_id = t.cpts_id AND v.indicator = $1::text AND v.period = $2::text
   AND v.recorded_to = 'infinity' AND v.state = 'LOCKED'
 WHERE t.published
 ORDER BY r.code, c.cpts_id
