-- What every entitlement of a year is computed from, a row a CPTS.
-- $1 region that led on the last day counted ('' = all)  $2 year (int)  $3 as of (date)  $4 known at (timestamptz, NULL = now)
-- Gives, ordered by region, the columns of entitlement_get.sql, then 19 name of the region; 17 and
-- 19 on the first row of a region only.
SELECT f.cpts_id, f.version, f.name, f.lead_region, f.synthetic, f.letter_on, f.project_on,
       f.signed_on, f.renewed_on, f.ended_on, f.letter_size, f.size_class, f.population_count,
       f.mission_steps, f.crisis_facts, f.locked_values, f.step_tables,
       CASE WHEN row_number() OVER region = 1 THEN (SELECT cpts.funding_indicators($2::int)) END,
       (SELECT cpts.answer_instant_us($4::timestamptz)),
       CASE WHEN row_number() OVER region = 1
              THEN (SELECT r.name FROM cpts.region r WHERE r.code = f.lead_region) END
  FROM cpts.funding_facts($2::int, $3::date, cpts.known_at($4::timestamptz)) f
 WHERE $1::text = '' OR f.lead_region = $1::text
WINDOW region AS (PARTITION BY f.lead_region ORDER BY f.cpts_id)
 ORDER BY f.lead_region, f.cpts_id
