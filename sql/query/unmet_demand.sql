-- Communes whose needs found nobody, all of them: what may be shown is decided together.
-- $1 region ('' = all)  $2 département ('' = all)  $3 first day (date)  $4 last day (date)
-- $5 use case ('' = all)
-- Gives: 0 code, 1 name, 2 département, 3 region, 4 inhabitants, 5 unroutable, 6 declined for want
-- of capacity, 7 synthetic; the most first, then by code.
SELECT u.unit_code, u.name, u.department, u.region, u.population_count, u.unroutable,
       u.declined_capacity, u.synthetic
  FROM cpts.unmet_demand($1::text, $2::text, $3::date, $4::date, $5::text) u
 ORDER BY u.unroutable + u.declined_capacity DESC, u.unit_code
