-- What every entitlement of a year is computed from, a row a CPTS.
-- $1 lead region ('' = all)  $2 year (int)  $3 as of (date)  $4 known at (timestamptz, NULL = now)
-- Gives, ordered by region, the columns of entitlement_get.sql, 17 on the first row only, then
-- 19 name of the region.
SELECT f.cpts_id, f.version, f.name, f.lead_region, f.synthetic, f.letter_on, f.project_on,
       f.signed_on, f.renewed_on, f.ended_on, f.letter_size, f.size_class, f.population_count,
       f.mission_steps, f.crisis_facts, f.locked_values, f.step_tables,
       CASE WHEN row_number() OVER (ORDER BY f.lead_region, f.cpts_id) = 1
              THEN (SELECT cpts.funding_indicators($2::int)) END,
       (SELECT cpts.answer_instant_us($4::timestamptz)),
       (SELECT r.name FROM cpts.region r WHERE r.code = f.lead_region)
  FROM cpts.funding_facts($2::int, $3::date, cpts.known_at($4::timestamptz)) f
 WHERE $1::text = '' OR f.lead_region = $1::text
 ORDER BY f.lead_region, f.cpts_id
