-- A page of the communes and arrondissements whose inhabitants no CPTS of a stage set claims
-- on a date, or not all of them; the most inhabitants first; one row without a code when there
-- is none.
-- $1 region ('' = all)  $2 département ('' = all)   $3 stage set (text[])
-- $4 as of (date)       $5 known at (timestamptz)
-- $6 rows to leave out (int)  $7 rows at most (int)
-- Gives: 0 code, 1 name, 2 département, 3 region, 4 inhabitants, 5 inhabitants not covered
-- (double), 6 units with a gap within (1), 7 units within (1), 8 zone, 9 rows in all,
-- 10 inhabitants not covered in all (double), 11 EPCI, 12 known at (microseconds).
WITH gap AS (
  SELECT u.code, u.name, u.department, u.region, u.epci, u.population_count,
         u.population_count - u.covered_count AS uncovered,
         count(*) OVER () AS row_count,
         sum(u.population_count - u.covered_count) OVER () AS uncovered_total
    FROM cpts.unit_coverage($4::date, $5::timestamptz, $3::text[]) u
   WHERE ($1::text = '' OR u.region = $1::text) AND ($2::text = '' OR u.department = $2::text)
     AND u.population_count - u.covered_count > 1e-6
   ORDER BY uncovered DESC, u.code
   OFFSET $6::int LIMIT $7::int
)
SELECT g.code, g.name, g.department, g.region, g.population_count, g.uncovered, 1, 1,
       z.zone, coalesce(g.row_count, 0),
       coalesce(g.uncovered_total, 0), g.epci, (SELECT cpts.answer_instant_us($5::timestamptz))
  FROM (VALUES (1)) one
  LEFT JOIN gap g ON true
  LEFT JOIN LATERAL cpts.zone_on(g.code, $4::date, $5::timestamptz) z ON true
 ORDER BY g.uncovered DESC, g.code
