-- The territory of a CPTS as it was on a date, as believed at an instant: a row a
-- unit, one row without a unit when there is none.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- Gives no row when there is no such CPTS, else: 0 cpts_id, 1 version, 2 name, 3 lead region,
-- 4 stage, 5 synthetic, 6 vintage, 7 latitude, 8 longitude, 9 position quality, 10 share of
-- the inhabitants with a position of their own, 11 size class, 12 its label, 13 its least
-- population, 14 its limit (NULL = none), 15 its source, 16 population (double), 17 known at
-- (microseconds), 18 unit code (NULL = none), 19 kind, 20 name, 21 département, 22 its name,
-- 23 region, 24 its name, 25 share, 26 inhabitants of the unit, 27 zone, 28 position source.
WITH known AS MATERIALIZED (
  SELECT cpts.known_at($3::timestamptz) AS at
), subject AS MATERIALIZED (
  SELECT c.cpts_id, coalesce(k.version, c.version) AS version, coalesce(k.name, c.name) AS name,
         coalesce(m.region, c.lead_region) AS lead_region, c.synthetic, known.at,
         (SELECT f.stage FROM cpts.cpts_stage f
           WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
             AND f.recorded_from <= known.at AND f.recorded_to > known.at
           ORDER BY f.valid_from DESC, f.version DESC LIMIT 1) AS stage
    FROM known
    JOIN cpts.cpts c ON c.cpts_id = $1::uuid AND c.created_at <= known.at
    LEFT JOIN cpts.lead_on($2::date, cpts.known_at($3::timestamptz)) m ON m.cpts_id = c.cpts_id
    LEFT JOIN LATERAL cpts.card_known(
           CASE WHEN c.updated_at > known.at THEN c.cpts_id END, known.at) k ON true
), claim AS MATERIALIZED (
  SELECT f.unit_code, f.share, u.kind, u.name, u.department, u.region,
         coalesce(u.population_count, 0) AS population, u.latitude, u.longitude,
         u.position_source, z.zone
    FROM subject s
    JOIN cpts.cpts_territory f ON f.cpts_id = s.cpts_id
     AND f.valid_from <= $2::date AND f.valid_to > $2::date
     AND f.recorded_from <= s.at AND f.recorded_to > s.at
    LEFT JOIN LATERAL cpts.unit_on(f.unit_code, $2::date, s.at) u ON true
    LEFT JOIN LATERAL cpts.zone_on(left(f.unit_code, 5), $2::date, s.at) z ON true
), whole AS (
  SELECT coalesce(sum(k.share * k.population), 0) AS population,
         sum(k.share * k.population) FILTER (WHERE k.latitude IS NOT NULL) AS placed,
         coalesce(sum(k.share * k.population)
                    FILTER (WHERE k.position_source = 'geonames'), 0) AS exact,
         sum(k.share * k.population * cosd(k.latitude) * cosd(k.longitude)) AS x,
         sum(k.share * k.population * cosd(k.latitude) * sind(k.longitude)) AS y,
         sum(k.share * k.population * sind(k.latitude)) AS z
    FROM claim k
)
SELECT s.cpts_id, s.version, s.name, s.lead_region, s.stage, s.synthetic,
       (SELECT cpts.vintage_on($2::date, known.at) FROM known),
       CASE WHEN w.placed > 0 THEN atan2d(w.z, sqrt(w.x * w.x + w.y * w.y)) END,
       CASE WHEN w.placed > 0 THEN atan2d(w.y, w.x) END,
       cpts.position_quality(w.population, w.placed, w.exact),
       CASE WHEN w.population > 0 THEN w.exact / w.population ELSE 0 END,
       z.code, z.label, z.population_min, z.population_max, z.source,
       w.population, (SELECT cpts.answer_instant_us($3::timestamptz)),
       k.unit_code, k.kind, k.name, k.department, d.name, k.region, r.name, k.share, k.population,
       k.zone, k.position_source
  FROM subject s
 CROSS JOIN whole w
  LEFT JOIN cpts.size_class z ON z.valid_from <= $2::date AND z.valid_to > $2::date
   AND w.population > 0 AND round(w.population) >= z.population_min
   AND (z.population_max IS NULL OR round(w.population) < z.population_max)
  LEFT JOIN claim k ON true
  LEFT JOIN cpts.department d ON d.code = k.department
  LEFT JOIN cpts.region r ON r.code = k.region
 ORDER BY k.unit_code
