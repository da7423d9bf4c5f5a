-- One indicator in one period, of every CPTS that the public
-- sees and that has a published step table:
-- the leaves of the table in which small counts are then suppressed. It is the same table
-- whoever asks: the difference of two would give counts away.
-- $1 indicator (text)  $2 period (text)  $3 last day of the period (date)
-- A CPTS counts in the region that led it on the period's last day. The step table is the one of the period's
-- last day; only a locked value is given, and beside it those of other periods of the
-- same year, with which small counts are suppressed together.
-- Gives no row (unknown indicator), else rows ordered by region, then name: 0 code, 1 mission,
-- 2 label, 3 kind, 4 direction, 5 unit, 6 counts people, 7 provider, 8 example, 9 source,
-- 10 confidence (the definition, on each row), 11 region (NULL = no CPTS at all), 12 region name,
-- 13 cpts_id, 14 name, 15 synthetic, 16 value (NULL = none locked), 17 thresholds[],
-- 18 amounts in cents[], 19 locked values of other periods of the year ("period value", commas
-- between; NULL = none).
WITH target AS (
  SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.thresholds, f.amounts_cents, f.published
    FROM cpts.cpts_indicator_target f
   WHERE f.indicator = $1::text AND f.valid_from <= $3::date AND f.valid_to > $3::date
     AND f.recorded_to = 'infinity'
   ORDER BY f.cpts_id, f.valid_from DESC, f.version DESC
), other AS MATERIALIZED (
  SELECT array_agg(DISTINCT o.period) AS periods
    FROM (SELECT f.period FROM cpts.cpts_indicator_value f
           WHERE f.indicator = $1::text AND f.recorded_to = 'infinity' AND f.state = 'LOCKED'
             AND f.period >= left($2::text, 4) AND f.period < $2::text
          UNION ALL
          SELECT f.period FROM cpts.cpts_indicator_value f
           WHERE f.indicator = $1::text AND f.recorded_to = 'infinity' AND f.state = 'LOCKED'
             AND f.period > $2::text AND f.period < left($2::text, 4) || '.') o
), leaf AS (
  SELECT r.code AS region, r.name AS region_name, c.cpts_id, c.name, c.synthetic, v.value,
         t.thresholds, t.amounts_cents, o.others
    FROM target t
    JOIN cpts.cpts c ON c.cpts_id = t.cpts_id
    LEFT JOIN cpts.lead_on($3::date, cpts.known_at(NULL)) m ON m.cpts_id = t.cpts_id
    JOIN cpts.region r ON r.code = coalesce(m.region, c.lead_region)
    LEFT JOIN cpts.cpts_indicator_value v
      ON v.cpts_id = t.cpts_id AND v.indicator = $1::text AND v.period = $2::text
     AND v.recorded_to = 'infinity' AND v.state = 'LOCKED'
   CROSS JOIN LATERAL (
         SELECT string_agg(concat_ws(' ', f.period, f.value), ',') AS others
           FROM cpts.cpts_indicator_value f
          WHERE f.indicator = $1::text AND f.period = ANY ((SELECT other.periods FROM other)::text[])
            AND f.cpts_id = t.cpts_id AND f.recorded_to = 'infinity' AND f.state = 'LOCKED') o
   WHERE t.published AND c.published
)
SELECT i.code, i.mission, i.label, i.kind, i.direction, i.unit, i.counts_people, i.provider,
       i.example, i.source, i.confidence, l.region, l.region_name, l.cpts_id, l.name, l.synthetic,
       l.value, l.thresholds, l.amounts_cents, l.others
  FROM cpts.indicator i
  LEFT JOIN leaf l ON true
 WHERE i.code = $1::text AND i.valid_from <= $3::date AND i.valid_to > $3::date
 ORDER BY l.region, l.name, l.cpts_id
