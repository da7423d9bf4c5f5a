-- A page of the départements.
-- $1 after this code (text)  $2 rows at most (int)
-- Gives: 0 code, 1 name, 2 region, 3 zone, 4 population.
SELECT d.code, d.name, d.region, d.zone, d.population_count
  FROM cpts.department d
 WHERE d.code > $1::text
 ORDER BY d.code
 LIMIT $2::int
