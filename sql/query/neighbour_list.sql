-- The live CPTS nearest to a CPTS or to a commune on a date, nearest first.
-- $1 cpts_id (uuid, NULL = the commune)  $2 unit code (text, '' = the CPTS)
-- $3 as of (date)  $4 known at (timestamptz, NULL = now)  $5 rows at most (int)
-- Distances between population-weighted centres, along great circles.
-- Gives one row at least: 0 true when the CPTS or unit is known, 1 latitude, 2 longitude,
-- 3 position quality of the origin, 4 known at (microseconds), 5 cpts_id (NULL = no
-- neighbour), 6 name, 7 stage, 8 lead region, 9 population (double), 10 distance (km),
-- 11 position quality, 12 latitude, 13 longitude, 14 synthetic.
WITH known AS MATERIALIZED (
  SELECT cpts.known_at($4::timestamptz) AS at
), centre AS MATERIALIZED (
  SELECT c.cpts_id, c.stage, c.population, c.placed, c.exact,
         c.x / n.length AS x, c.y / n.length AS y, c.z / n.length AS z
    FROM known
   CROSS JOIN LATERAL cpts.centres_on($3::date, known.at) c
   CROSS JOIN LATERAL (SELECT nullif(sqrt(c.x * c.x + c.y * c.y + c.z * c.z), 0) AS length) n
), origin AS MATERIALIZED (
  SELECT true AS found, c.x, c.y, c.z,
         cpts.position_quality(c.population, c.placed, c.exact) AS quality
    FROM cpts.cpts k
    LEFT JOIN centre c ON c.cpts_id = k.cpts_id
   WHERE k.cpts_id = $1::uuid
  UNION ALL
  SELECT true, cosd(u.latitude) * cosd(u.longitude), cosd(u.latitude) * sind(u.longitude),
         sind(u.latitude), CASE u.position_source WHEN 'geonames' THEN 'EXACT'
                             WHEN 'none' THEN 'NONE' ELSE 'APPROXIMATE' END
    FROM known
   CROSS JOIN LATERAL cpts.unit_on($2::text, $3::date, known.at) u
   WHERE $1::uuid IS NULL
), near AS (
  SELECT c.cpts_id, c.stage, c.population, c.x, c.y, c.z,
         cpts.position_quality(c.population, c.placed, c.exact) AS quality,
         cpts.distance_km(o.x, o.y, o.z, c.x, c.y, c.z) AS distance
    FROM origin o
    JOIN centre c ON c.x IS NOT NULL AND c.cpts_id IS DISTINCT FROM $1::uuid
   WHERE o.x IS NOT NULL
   ORDER BY 8, c.cpts_id
   LIMIT $5::int
)
SELECT coalesce(o.found, false), atan2d(o.z, sqrt(o.x * o.x + o.y * o.y)), atan2d(o.y, o.x),
       coalesce(o.quality, 'NONE'), (SELECT cpts.answer_instant_us($4::timestamptz)),
       n.cpts_id, coalesce(d.name, k.name), n.stage, k.lead_region, n.population, n.distance, n.quality,
       atan2d(n.z, sqrt(n.x * n.x + n.y * n.y)), atan2d(n.y, n.x), k.synthetic
  FROM (VALUES (1)) one
  LEFT JOIN origin o ON true
  LEFT JOIN near n ON true
  LEFT JOIN cpts.cpts k ON k.cpts_id = n.cpts_id
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN k.updated_at > $4::timestamptz THEN k.cpts_id END, $4::timestamptz) d ON true
 ORDER BY n.distance, n.cpts_id
