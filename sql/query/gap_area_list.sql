-- A page of the EPCI, départements or regions with inhabitants that no CPTS of a stage set
-- claims on a date; the most inhabitants first; one row without a code when there is none.
-- $1 region ('' = all)  $2 département ('' = all)   $3 stage set (text[])
-- $4 as of (date)       $5 known at (timestamptz)
-- $6 rows to leave out (int)  $7 rows at most (int)
-- $8 level (text: EPCI, DEPARTMENT or REGION)
-- Gives: 0 code ('' = without an EPCI), 1 name, 2 département ('' = several), 3 region
-- ('' = several), 4 inhabitants, 5 inhabitants not covered (double), 6 units with a gap
-- within, 7 units within, 8 zone (NULL), 9 rows in all, 10 inhabitants not covered in all
-- (double), 11 EPCI, 12 known at (microseconds).
WITH unit AS (
  SELECT CASE $8::text WHEN 'EPCI' THEN coalesce(u.epci, '') WHEN 'DEPARTMENT' THEN u.department
                       ELSE u.region END AS area,
         u.department, u.region, u.population_count,
         u.population_count - u.covered_count AS uncovered
    FROM cpts.unit_coverage($4::date, $5::timestamptz, $3::text[]) u
   WHERE ($1::text = '' OR u.region = $1::text) AND ($2::text = '' OR u.department = $2::text)
), gap AS (
  SELECT u.area, min(u.department) AS department_first, max(u.department) AS department_last,
         min(u.region) AS region_first, max(u.region) AS region_last,
         sum(u.population_count)::bigint AS population_count, sum(u.uncovered) AS uncovered,
         count(*) FILTER (WHERE u.uncovered > 1e-6) AS gap_count, count(*) AS unit_count
    FROM unit u
   GROUP BY u.area
  HAVING count(*) FILTER (WHERE u.uncovered > 1e-6) > 0
), page AS (
  SELECT g.area, g.department_first, g.department_last, g.region_first, g.region_last,
         g.population_count, g.uncovered, g.gap_count, g.unit_count,
         count(*) OVER () AS row_count, sum(g.uncovered) OVER () AS uncovered_total
    FROM gap g
   ORDER BY g.uncovered DESC, g.area
   OFFSET $6::int LIMIT $7::int
)
SELECT p.area,
       coalesce(CASE $8::text
         WHEN 'EPCI' THEN (SELECT e.name FROM cpts.epci e WHERE e.siren = p.area)
         WHEN 'DEPARTMENT' THEN (SELECT d.name FROM cpts.department d WHERE d.code = p.area)
         ELSE (SELECT r.name FROM cpts.region r WHERE r.code = p.area) END, 'sans EPCI'),
       CASE WHEN p.department_first = p.department_last THEN p.department_first ELSE '' END,
       CASE WHEN p.region_first = p.region_last THEN p.region_first ELSE '' END,
       p.population_count, p.uncovered, p.gap_count, p.unit_count, NULL::text,
       coalesce(p.row_count, 0), coalesce(p.uncovered_total, 0),
       CASE $8::text WHEN 'EPCI' THEN p.area ELSE '' END,
       (SELECT cpts.answer_instant_us($5::timestamptz))
  FROM (VALUES (1)) one
  LEFT JOIN page p ON true
 ORDER BY p.uncovered DESC, p.area
