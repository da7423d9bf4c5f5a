-- Counts by stage and covered population, a row a region.
-- $1 region ('' = every region with an ARS)  $2 as of (date)
-- $3 known at (timestamptz, NULL = now)       $4 stage set (text[])
-- Projects are counted in the region that led them on $2, population where it lives. Each
-- inhabitant counts once: where the shares of one unit add up to more than 1,
-- the excess is taken off again; a claim on a commune lies on each of its IRIS.
-- Gives: 0 region, 1 name, 2 population, 3..6 live projects by stage (EMERGENCE,
-- LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE), 7 covered by the stage set, 8 by all live
-- stages, 9 by ACI_SIGNE, 10 synthetic projects counted, 11 last stage date,
-- 12 target (0 = none), 13 vintage, 14 known at (microseconds).
WITH live AS MATERIALIZED (
  SELECT s.cpts_id, s.stage, s.valid_from, coalesce(m.region, c.lead_region) AS lead_region,
         c.synthetic,
         s.stage = 'ACI_SIGNE' AS in_aci, s.stage = ANY ($4::text[]) AS in_set
    FROM (SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.stage, f.valid_from
            FROM cpts.cpts_stage f
           WHERE f.valid_from <= $2::date AND f.valid_to > $2::date
             AND f.recorded_from <= cpts.known_at($3::timestamptz)
             AND f.recorded_to > cpts.known_at($3::timestamptz)
           ORDER BY f.cpts_id, f.valid_from DESC, f.version DESC) s
    JOIN cpts.cpts c ON c.cpts_id = s.cpts_id
    LEFT JOIN cpts.lead_on($2::date, cpts.known_at($3::timestamptz)) m ON m.cpts_id = s.cpts_id
   WHERE s.stage <> ALL ('{ABANDONNE,FUSIONNE,DISSOUS,NON_RENOUVELE}'::text[])
), claimed AS (
  SELECT p.region,
         coalesce(sum(p.population_count) FILTER (WHERE l.in_set), 0) AS in_set,
         coalesce(sum(p.population_count), 0) AS in_live,
         coalesce(sum(p.population_count) FILTER (WHERE l.in_aci), 0) AS in_aci
    FROM cpts.cpts_population p
    JOIN live l ON l.cpts_id = p.cpts_id
   WHERE p.valid_from <= $2::date AND p.valid_to > $2::date
     AND p.recorded_from <= cpts.known_at($3::timestamptz) AND p.recorded_to > cpts.known_at($3::timestamptz)
   GROUP BY p.region
), shared AS (
  SELECT t.atom AS unit_code,
         greatest(0, sum(t.share) FILTER (WHERE l.in_set) - 1)
           - greatest(0, sum(t.share) FILTER (WHERE l.in_set AND t.is_parent) - 1) AS in_set,
         greatest(0, sum(t.share) - 1)
           - greatest(0, sum(t.share) FILTER (WHERE t.is_parent) - 1) AS in_live,
         greatest(0, sum(t.share) FILTER (WHERE l.in_aci) - 1)
           - greatest(0, sum(t.share) FILTER (WHERE l.in_aci AND t.is_parent) - 1) AS in_aci
    FROM cpts.overlap_claims($2::date, cpts.known_at($3::timestamptz)) t
    JOIN live l ON l.cpts_id = t.cpts_id
   GROUP BY t.atom HAVING sum(t.share) > 1
), excess AS (
  SELECT u.region,
         sum(u.population_count * s.in_set) AS in_set,
         sum(u.population_count * s.in_live) AS in_live,
         sum(u.population_count * s.in_aci) AS in_aci
    FROM shared s
   CROSS JOIN LATERAL cpts.unit_on(s.unit_code, $2::date, cpts.known_at($3::timestamptz)) u
   GROUP BY u.region
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
SELECT r.code, r.name,
       cpts.area_population('region', r.code, r.population_count, $2::date,
         cpts.known_at($3::timestamptz)),
       coalesce(j.emergence, 0), coalesce(j.lettre_intention, 0), coalesce(j.projet_valide, 0),
       coalesce(j.aci_signe, 0),
       round(coalesce(o.in_set, 0) - coalesce(e.in_set, 0))::int,
       round(coalesce(o.in_live, 0) - coalesce(e.in_live, 0))::int,
       round(coalesce(o.in_aci, 0) - coalesce(e.in_aci, 0))::int,
       coalesce(j.synthetic, 0), j.last_on,
       coalesce((SELECT g.cpts_count FROM cpts.target g
                  WHERE g.region = $1::text AND g.valid_from <= $2::date AND g.valid_to > $2::date
                  ORDER BY g.valid_from DESC LIMIT 1), 0),
       cpts.vintage_on($2::date, cpts.known_at($3::timestamptz)),
       (SELECT cpts.answer_instant_us($3::timestamptz))
  FROM cpts.region r
  LEFT JOIN claimed o ON o.region = r.code
  LEFT JOIN excess e ON e.region = r.code
  LEFT JOIN project j ON j.lead_region = r.code
 WHERE r.zone IN ('metro', 'drom') AND ($1::text = '' OR r.code = $1::text)
 ORDER BY r.code
