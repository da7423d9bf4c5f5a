-- What the entitlement of one CPTS for a year is computed from.
-- $1 cpts_id (uuid)  $2 year (int)  $3 as of (date)  $4 known at (timestamptz, NULL = now)
-- Gives no row when it is not known, else one: 0 cpts_id, 1 version, 2 name, 3 lead region,
-- 4 synthetic, 5 letter on, 6 project on, 7 signed on, 8 renewed on, 9 ended on, 10 size class at
-- the letter, 11 size class, 12 population, 13 steps of missions, 14 crisis facts, 15 locked values,
-- 16 step tables, 17 indicators (lists, as cpts.funding_facts() and cpts.funding_indicators() say),
-- 18 known at (microseconds). NULL where there is none.
SELECT f.cpts_id, f.version, f.name, f.lead_region, f.synthetic, f.letter_on, f.project_on,
       f.signed_on, f.renewed_on, f.ended_on, f.letter_size, f.size_class, f.population_count,
       f.mission_steps, f.crisis_facts, f.locked_values, f.step_tables,
       (SELECT cpts.funding_indicators($2::int)), (SELECT cpts.answer_instant_us($4::timestamptz))
  FROM cpts.funding_facts($2::int, $3::date, cpts.known_at($4::timestamptz)) f
 WHERE f.cpts_id = $1::uuid
