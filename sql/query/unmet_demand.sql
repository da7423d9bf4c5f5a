-- Communes whose needs of a year found nobody, as they were released.
-- $1 region ('' = all)  $2 département ('' = all)  $3 year ('' = the newest)
-- Gives one row at least: 0 that year was released, or none was named, 1 its name, 2 threshold,
-- 3 synthetic, 4 needs in all that was asked for (NULL = held back), 5 code (NULL = no commune),
-- 6 name, 7 département, 8 region, 9 inhabitants, 10 needs (NULL = held back); the most first,
-- then by code, those held back last.
WITH release AS (
  SELECT r.period, r.last_day, r.threshold_count, r.synthetic
    FROM cpts.referral_release r
   WHERE length(r.period) = 4 AND ($3::text = '' OR r.period = $3::text)
   ORDER BY r.period DESC LIMIT 1
), total AS (
  SELECT count(*) > 0 AS is_there, min(f.counts[1]) AS unmet
    FROM release r
    JOIN cpts.referral_figure f ON f.period = r.period AND f.cube = 'COMMUNE'
   WHERE f.level = CASE WHEN $2::text <> '' THEN 2 WHEN $1::text <> '' THEN 1 ELSE 0 END
     AND f.key = CASE WHEN $2::text <> '' THEN $2::text ELSE $1::text END
     AND ($2::text = '' OR $1::text = '' OR f.parent_key = $1::text)
), place AS (
  SELECT f.key, u.name, d.code AS department, d.region, u.population_count, f.counts[1] AS unmet
    FROM release r
    JOIN cpts.referral_figure f ON f.period = r.period AND f.cube = 'COMMUNE' AND f.level = 3
    JOIN cpts.department d ON d.code = f.parent_key
   CROSS JOIN LATERAL cpts.unit_on(f.key, r.last_day, cpts.known_at(NULL)) u
   WHERE ($1::text = '' OR d.region = $1::text) AND ($2::text = '' OR d.code = $2::text)
)
SELECT r.period IS NOT NULL OR $3::text = '', r.period, r.threshold_count, r.synthetic,
       CASE WHEN t.is_there THEN t.unmet ELSE 0 END, p.key, p.name, p.department, p.region,
       p.population_count, p.unmet
  FROM total t
  LEFT JOIN release r ON true
  LEFT JOIN place p ON true
 ORDER BY p.unmet DESC NULLS LAST, p.key
