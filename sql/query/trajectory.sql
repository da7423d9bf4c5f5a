-- The series of counts by stage, a row a region: what GetCoverage counts, at many dates.
-- $1 region ('' = every region with an ARS)  $2 from (date, NULL = the first stage known)
-- $3 to (date)                                $4 step (interval)  $5 its unit for date_trunc (text)
-- $6 known at (timestamptz, NULL = now)       $7 stage set (text[])
-- $8 points at most (int): $2 NULL begins no earlier than that many steps before $3
-- Points are $2, the first day of every month, quarter or year after it, and $3.
-- Each stage becomes a span of days, each span two differences at the points where it begins and
-- ends; running sums of these are the counts. So the cost is by stage rows, not by points.
-- A project counts at each point in the region that led it then.
-- Gives: 0 region, 1 name, 2 population, 3 dates[], 4..7 counts[] by stage (EMERGENCE,
-- LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE; 0 outside the set), 8 synthetic projects counted,
-- 9 target of $1 at $3 (0 = none), 10 known at (microseconds).
WITH believed AS MATERIALIZED (
  SELECT f.cpts_id, f.stage, f.valid_from, c.lead_region, c.synthetic,
         least(f.valid_to, lead(f.valid_from, 1, 'infinity')
                             OVER (PARTITION BY f.cpts_id ORDER BY f.valid_from, f.version)) AS ends_on
    FROM cpts.cpts_stage f
    JOIN cpts.cpts c ON c.cpts_id = f.cpts_id
   WHERE f.valid_from <= $3::date
     AND f.recorded_from <= cpts.known_at($6::timestamptz)
     AND f.recorded_to > cpts.known_at($6::timestamptz)
     AND ($1::text = '' OR c.lead_region = $1::text
          OR f.cpts_id IN (SELECT l.cpts_id FROM cpts.cpts_lead l))
), span AS MATERIALIZED (
  SELECT b.stage, s.valid_from, s.ends_on, s.lead_region, b.synthetic
    FROM believed b
    LEFT JOIN cpts.lead_spans(cpts.known_at($6::timestamptz)) m ON m.cpts_id = b.cpts_id
   CROSS JOIN LATERAL (SELECT greatest(b.valid_from, m.valid_from) AS valid_from,
                              least(b.ends_on, m.valid_to) AS ends_on,
                              coalesce(m.region, b.lead_region) AS lead_region) s
   WHERE b.stage = ANY ($7::text[]) AND s.valid_from < s.ends_on
     AND s.valid_from <= $3::date
     AND ($1::text = '' OR s.lead_region = $1::text)
), range AS (
  SELECT coalesce($2::date, (SELECT greatest(min(valid_from),
                    ($3::date - ($8::int - 2) * $4::interval)::date)
                    FROM span HAVING count(*) > 0), $3::date) AS starts_on
), point AS MATERIALIZED (
  SELECT array_agg(DISTINCT p.day ORDER BY p.day) AS days
    FROM (SELECT starts_on AS day FROM range
          UNION ALL
          SELECT g::date FROM range, generate_series(date_trunc($5::text, starts_on::timestamp)
                   + $4::interval, $3::date::timestamp, $4::interval) g
          UNION ALL
          SELECT $3::date) p
), edge AS (
  SELECT s.lead_region, s.stage, width_bucket(s.valid_from - 1, p.days) + 1 AS at, 1 AS step
    FROM span s, point p
  UNION ALL
  SELECT s.lead_region, s.stage, width_bucket(s.ends_on - 1, p.days) + 1, -1
    FROM span s, point p
), change AS (
  SELECT lead_region, at,
         sum(step) FILTER (WHERE stage = 'EMERGENCE') AS emergence,
         sum(step) FILTER (WHERE stage = 'LETTRE_INTENTION') AS lettre_intention,
         sum(step) FILTER (WHERE stage = 'PROJET_VALIDE') AS projet_valide,
         sum(step) FILTER (WHERE stage = 'ACI_SIGNE') AS aci_signe
    FROM edge GROUP BY lead_region, at
), running AS (
  SELECT r.code, i.at,
         coalesce(sum(c.emergence) OVER w, 0)::int AS emergence,
         coalesce(sum(c.lettre_intention) OVER w, 0)::int AS lettre_intention,
         coalesce(sum(c.projet_valide) OVER w, 0)::int AS projet_valide,
         coalesce(sum(c.aci_signe) OVER w, 0)::int AS aci_signe
    FROM cpts.region r
    CROSS JOIN (SELECT generate_subscripts(days, 1) AS at FROM point) i
    LEFT JOIN change c ON c.lead_region = r.code AND c.at = i.at
   WHERE r.zone IN ('metro', 'drom') AND ($1::text = '' OR r.code = $1::text)
  WINDOW w AS (PARTITION BY r.code ORDER BY i.at)
), invented AS (
  SELECT s.lead_region, count(*) AS synthetic
    FROM span s, point p
   WHERE s.synthetic AND s.ends_on > p.days[1]
   GROUP BY s.lead_region
), series AS (
  SELECT code, array_agg(emergence ORDER BY at) AS emergence,
         array_agg(lettre_intention ORDER BY at) AS lettre_intention,
         array_agg(projet_valide ORDER BY at) AS projet_valide,
         array_agg(aci_signe ORDER BY at) AS aci_signe
    FROM running GROUP BY code
)
SELECT r.code, r.name, r.population_count, p.days,
       s.emergence, s.lettre_intention, s.projet_valide, s.aci_signe,
       coalesce(i.synthetic, 0),
       coalesce((SELECT g.cpts_count FROM cpts.target g
                  WHERE g.region = $1::text AND g.valid_from <= $3::date AND g.valid_to > $3::date
                  ORDER BY g.valid_from DESC LIMIT 1), 0),
       (SELECT cpts.answer_instant_us($6::timestamptz))
  FROM series s
  JOIN cpts.region r ON r.code = s.code
  LEFT JOIN invented i ON i.lead_region = s.code
 CROSS JOIN point p
 ORDER BY r.code
