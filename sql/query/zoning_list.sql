-- A page of the medical zoning of a date, ordered by unit code; one row without a unit when
-- there is none.
-- $1 region ('' = all)  $2 département ('' = all)  $3 unit code ('' = all)
-- $4 as of (date)       $5 known at (timestamptz)
-- $6 rows to leave out (int)  $7 rows at most (int)
-- Gives: 0 version of the region's zoning (0 = none recorded, or no region asked for), 1 rows
-- in all, 2 unit code (NULL = none), 3 name, 4 département, 5 region, 6 zone, 7 valid from,
-- 8 valid to ('' = open), 9 source, 10 inhabitants, 11 known at (microseconds).
WITH zoned AS (
  SELECT z.unit_code, u.name, u.department, z.region, z.zone, z.valid_from, z.valid_to, z.source,
         u.population_count, count(*) OVER () AS row_count
    FROM cpts.unit_zoning z
    LEFT JOIN LATERAL cpts.unit_on(z.unit_code, $4::date, $5::timestamptz) u ON true
   WHERE z.valid_from <= $4::date AND z.valid_to > $4::date
     AND z.recorded_from <= $5::timestamptz AND z.recorded_to > $5::timestamptz
     AND ($1::text = '' OR z.region = $1::text)
     AND ($2::text = '' OR u.department = $2::text)
     AND ($3::text = '' OR z.unit_code = $3::text)
   ORDER BY z.unit_code
   OFFSET $6::int LIMIT $7::int
)
SELECT v.version, coalesce(z.row_count, 0), z.unit_code, z.name, z.department, z.region, z.zone,
       z.valid_from, CASE WHEN z.valid_to < 'infinity' THEN z.valid_to::text ELSE '' END,
       z.source, coalesce(z.population_count, 0), (SELECT cpts.answer_instant_us($5::timestamptz))
  FROM (SELECT coalesce(max(r.version), 0) AS version FROM cpts.unit_zoning r
         WHERE r.region = $1::text AND r.recorded_from <= $5::timestamptz) v
  LEFT JOIN zoned z ON true
 ORDER BY z.unit_code
