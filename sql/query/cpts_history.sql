-- Everything this node ever believed of one CPTS, with both times, oldest record first.
-- $1 cpts_id (uuid)
-- $2 as of (date, NULL = any): only what was believed true on it
-- $3 known at (timestamptz, NULL = any): only what was believed then
-- $4 rows at most (int)
-- Gives: 0 what (STAGE, TERRITORY, CARD), 1 version, 2 valid from, 3 valid to (NULL = open),
-- 4 recorded from (us), 5 recorded to (us, NULL = still believed), 6 stage, 7 successor,
-- 8 lead region, 9 units, 10 population, 11 name, 12 finess, 13 website, 14 kind of the change that
-- recorded it, 15 who, 16 reason, 17 evidence. No row: no such CPTS, or nothing of that time.
WITH one AS MATERIALIZED (
  SELECT c.cpts_id, c.version, c.name, c.finess, c.website, c.lead_region, c.created_at,
         (SELECT max(f.recorded_to) FROM cpts.cpts_former f WHERE f.cpts_id = c.cpts_id) AS named_at
    FROM cpts.cpts c WHERE c.cpts_id = $1::uuid
), made AS MATERIALIZED (
  SELECT l.version, l.kind, l.actor, r.reason, r.evidence
    FROM one
   CROSS JOIN cpts.changes_of(one.cpts_id, '-infinity', 'infinity') l
    LEFT JOIN cpts.cpts_correction r ON r.cpts_id = one.cpts_id AND r.version = l.version
), fact AS (
  SELECT 1 AS rank, 'STAGE' AS what, f.version, f.valid_from, f.valid_to, f.recorded_from,
         f.recorded_to, f.stage::text AS stage, f.successor_id::text AS successor, f.lead_region,
         NULL::bigint AS units, NULL::int AS population, NULL::text AS name, NULL::text AS finess,
         NULL::text AS website
    FROM cpts.cpts_stage f WHERE f.cpts_id = $1::uuid
  UNION ALL
  SELECT 2, 'TERRITORY', t.version, t.valid_from, t.valid_to, t.recorded_from, t.recorded_to, NULL,
         NULL, max(t.lead_region), count(*),
         (SELECT round(sum(p.population_count))::int FROM cpts.cpts_population p
           WHERE p.cpts_id = $1::uuid AND p.version = t.version AND p.valid_from = t.valid_from
             AND p.valid_to = t.valid_to),
         NULL, NULL, NULL
    FROM cpts.cpts_territory t WHERE t.cpts_id = $1::uuid
   GROUP BY t.version, t.valid_from, t.valid_to, t.recorded_from, t.recorded_to
  UNION ALL
  SELECT 3, 'CARD', coalesce(lag(f.version) OVER (ORDER BY f.version), 1), f.valid_from, f.valid_to,
         f.recorded_from, f.recorded_to, NULL, NULL, f.lead_region, NULL, NULL, f.name, f.finess,
         f.website
    FROM cpts.cpts_former f WHERE f.cpts_id = $1::uuid
), shown AS (
  SELECT rank, what, version, valid_from, valid_to, recorded_from, recorded_to, stage, successor,
         lead_region, units, population, name, finess, website
    FROM fact
  UNION ALL
  SELECT 3, 'CARD', coalesce((SELECT max(f.version) FROM cpts.cpts_former f
                               WHERE f.cpts_id = one.cpts_id), 1),
         '-infinity', 'infinity', coalesce(one.named_at, one.created_at), 'infinity', NULL, NULL,
         one.lead_region, NULL, NULL, one.name, one.finess, one.website
    FROM one
)
SELECT s.what, s.version, nullif(s.valid_from, '-infinity'), nullif(s.valid_to, 'infinity'),
       cpts.unix_us(s.recorded_from), cpts.unix_us(nullif(s.recorded_to, 'infinity')), s.stage,
       s.successor, s.lead_region, s.units, s.population, s.name, s.finess, s.website, m.kind,
       m.actor, m.reason, m.evidence
  FROM one
  JOIN shown s ON ($2::date IS NULL OR (s.valid_from <= $2::date AND s.valid_to > $2::date))
              AND ($3::timestamptz IS NULL
                   OR (s.recorded_from <= $3::timestamptz AND s.recorded_to > $3::timestamptz))
  LEFT JOIN made m ON m.version = s.version
 ORDER BY s.recorded_from, s.version, s.rank, s.valid_from, s.valid_to
 LIMIT $4::int
