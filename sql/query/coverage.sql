-- Counts by stage and covered population, a row a region.
-- $1 region ('' = every region with an ARS)  $2 as of (date)
-- $3 known at (timestamptz, NULL = now)       $4 stage set (text[])
-- Projects are counted in their lead region, population where it lives, each
-- inhabitant once (shares of one unit add up to at most 1).
-- Gives: 0 region, 1 name, 2 population, 3..6 live projects by stage (EMERGENCE,
-- LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE), 7 covered by the stage set, 8 by all live
-- stages, 9 by ACI_SIGNE, 10 synthetic projects counted, 11 last stage date,
-- 12 target (0 = none), 13 vintage, 14 known at (microseconds).
WITH known AS MATERIALIZED (
  SELECT coalesce($3::timestamptz, now()) AS at
), live AS MATERIALIZED (
  SELECT s.cpts_id, s.stage, s.valid_from, c.lead_region, c.synthetic
    FROM (SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.stage, f.valid_from
            FROM known, cpts.cpts_stage f
           WHERE f.valid_from <= $2::date AND f.valid_to > $2::date
             AND f.recorded_from <= known.at AND f.recorded_to > known.at
           ORDER BY f.cpts_id, f.valid_from DESC, f.version DESC) s
    JOIN cpts.cpts c ON c.cpts_id = s.cpts_id
    JOIN cpts.stage g ON g.code = s.stage AND g.is_live
), claim AS MATERIALIZED (
  SELECT t.unit_code,
         sum(t.share) AS share_live,
         sum(t.share) FILTER (WHERE l.stage = 'ACI_SIGNE') AS share_aci,
         sum(t.share) FILTER (WHERE l.stage = ANY ($4::text[])) AS share_set
    FROM known, cpts.cpts_territory t
    JOIN live l ON l.cpts_id = t.cpts_id
   WHERE t.valid_from <= $2::date AND t.valid_to > $2::date
     AND t.recorded_from <= known.at AND t.recorded_to > known.at
   GROUP BY t.unit_code
), leaf AS (
  SELECT u.region, u.population_count,
         least(1, coalesce(c.share_set, 0) + coalesce(p.share_set, 0)) AS share_set,
         least(1, coalesce(c.share_live, 0) + coalesce(p.share_live, 0)) AS share_live,
         least(1, coalesce(c.share_aci, 0) + coalesce(p.share_aci, 0)) AS share_aci
    FROM cpts.territory_unit u
    LEFT JOIN claim c ON c.unit_code = u.code
    LEFT JOIN claim p ON p.unit_code = u.parent_code
   WHERE u.is_leaf AND ($1::text = '' OR u.region = $1::text)
), population AS (
  SELECT region, sum(population_count)::int AS total,
         round(sum(population_count * share_set))::int AS covered_set,
         round(sum(population_count * share_live))::int AS covered_live,
         round(sum(population_count * share_aci))::int AS covered_aci
    FROM leaf GROUP BY region
), project AS (
  SELECT lead_region,
         count(*) FILTER (WHERE stage = 'EMERGENCE') AS emergence,
         count(*) FILTER (WHERE stage = 'LETTRE_INTENTION') AS lettre_intention,
         count(*) FILTER (WHERE stage = 'PROJET_VALIDE') AS projet_valide,
         count(*) FILTER (WHERE stage = 'ACI_SIGNE') AS aci_signe,
         count(*) FILTER (WHERE synthetic) AS synthetic,
         max(valid_from) AS last_on
    FROM live GROUP BY lead_region
)
SELECT r.code, r.name, coalesce(o.total, 0),
       coalesce(j.emergence, 0), coalesce(j.lettre_intention, 0), coalesce(j.projet_valide, 0),
       coalesce(j.aci_signe, 0),
       coalesce(o.covered_set, 0), coalesce(o.covered_live, 0), coalesce(o.covered_aci, 0),
       coalesce(j.synthetic, 0), j.last_on,
       coalesce((SELECT g.cpts_count FROM cpts.target g
                  WHERE g.region = $1::text AND g.valid_from <= $2::date AND g.valid_to > $2::date
                  ORDER BY g.valid_from DESC LIMIT 1), 0),
       (SELECT v.vintage FROM cpts.reference_version v ORDER BY v.version DESC LIMIT 1),
       cpts.unix_us(known.at)
  FROM known
  CROSS JOIN cpts.region r
  LEFT JOIN population o ON o.region = r.code
  LEFT JOIN project j ON j.lead_region = r.code
 WHERE r.zone IN ('metro', 'drom') AND ($1::text = '' OR r.code = $1::text)
 ORDER BY r.code
