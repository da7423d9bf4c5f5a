-- One week, by region: the leaves of the table in which small counts of people are then suppressed.
-- $1 Monday (date)
-- People are those believed when the second Monday after it began in France; none before. Slots and
-- places are those believed now. A CPTS counts in the region that led it on the week's Sunday, as
-- believed then or now.
-- Gives a row a region with an ARS, by code: 0 code, 1 name, 2 live CPTS, 3 reporting CPTS, 4 SNP
-- slots, 5 places, 6 SNP slots and 7 all slots of the CPTS that told both, 8 CPTS that counted
-- people, 9 people (NULL = nobody counted), 10 synthetic, 11 closed (boolean), 12 percent of the
-- objective (NULL = none), 13 its source, 14 its confidence.
WITH closing AS MATERIALIZED (
  SELECT ($1::date + 14)::timestamp AT TIME ZONE 'Europe/Paris' AS instant
), slot AS (
  SELECT f.cpts_id,
         sum(f.counted) FILTER (WHERE f.kind = 'SNP_SLOTS') AS snp,
         sum(f.counted) FILTER (WHERE f.kind = 'DOCTOR_SLOTS') AS doctor,
         sum(f.counted) FILTER (WHERE f.kind = 'PLACES') AS places
    FROM cpts.cpts_capacity f
   WHERE f.valid_from = $1::date AND f.kind <> 'SEEKERS' AND f.recorded_to = 'infinity'
   GROUP BY f.cpts_id
), stock AS (
  SELECT coalesce(m.region, c.lead_region) AS region,
         count(*) FILTER (WHERE g.is_live) AS live,
         count(*) FILTER (WHERE s.snp IS NOT NULL OR s.places IS NOT NULL) AS reporting,
         sum(s.snp) AS snp, sum(s.places) AS places,
         sum(s.snp) FILTER (WHERE s.doctor IS NOT NULL) AS share_snp,
         sum(s.doctor) FILTER (WHERE s.snp IS NOT NULL) AS share_doctor,
         bool_or(c.synthetic AND s.cpts_id IS NOT NULL) AS synthetic
    FROM cpts.cpts c
    JOIN cpts.stage g ON g.code = c.stage
    LEFT JOIN slot s ON s.cpts_id = c.cpts_id
    LEFT JOIN cpts.lead_on($1::date + 6, cpts.known_at(NULL)) m ON m.cpts_id = c.cpts_id
   GROUP BY coalesce(m.region, c.lead_region)
), seeker AS (
  SELECT coalesce(m.region, f.lead_region) AS region, count(DISTINCT f.cpts_id) AS counting,
         sum(f.counted) AS people
    FROM closing
   CROSS JOIN cpts.cpts_capacity f
    LEFT JOIN cpts.lead_on($1::date + 6, (SELECT closing.instant FROM closing)) m
      ON m.cpts_id = f.cpts_id
   WHERE f.valid_from = $1::date AND f.kind = 'SEEKERS' AND closing.instant <= now()
     AND f.recorded_from <= closing.instant AND f.recorded_to > closing.instant
   GROUP BY coalesce(m.region, f.lead_region)
)
SELECT r.code, r.name, coalesce(k.live, 0), coalesce(k.reporting, 0), coalesce(k.snp, 0),
       coalesce(k.places, 0), coalesce(k.share_snp, 0), coalesce(k.share_doctor, 0),
       coalesce(p.counting, 0), p.people, coalesce(k.synthetic, false), closing.instant <= now(),
       o.snp_percent, o.source, o.confidence
  FROM cpts.region r
 CROSS JOIN closing
  LEFT JOIN stock k ON k.region = r.code
  LEFT JOIN seeker p ON p.region = r.code
  LEFT JOIN cpts.capacity_objective o ON o.valid_from <= $1::date AND o.valid_to > $1::date
 WHERE r.zone IN ('metro', 'drom')
 ORDER BY r.code
