-- A page of the CPTS of which something else was believed at two instants, about one date: stage,
-- its date or successor, lead region, population, units or their shares, or the card.
-- $1 region ('' = all): led from there then or later   $2 as of (date)
-- $3 known from (timestamptz)   $4 known to (timestamptz)
-- $5 after this cpts_id (uuid)  $6 rows at most (int)
-- Gives: 0 cpts_id, 1 name, 2 synthetic, then what was believed at $3: 3 stage, 4 its date,
-- 5 lead region, 6 population; and at $4: 7 stage, 8 date, 9 lead region, 10 population; the
-- changes between, newest first, 20 at most: 11 versions[], 12 kinds[], 13 recorded_us[],
-- 14 actors[], 15 reasons[], 16 evidences[]; and of the whole: 17 CPTS that differ,
-- 18 projects by live stage at $3 (int[]), 19 at $4, 20 known to (microseconds). One row
-- with an id NULL when the page is empty.
WITH moment AS (
  SELECT m.late, m.at FROM (VALUES (false, $3::timestamptz), (true, $4::timestamptz)) m (late, at)
), stage AS MATERIALIZED (
  SELECT DISTINCT ON (m.late, f.cpts_id) m.late, f.cpts_id, f.stage, f.valid_from, f.successor_id,
         coalesce(CASE WHEN m.late THEN n.region ELSE b.region END, f.lead_region) AS lead_region
    FROM moment m
    JOIN cpts.cpts_stage f ON f.recorded_from <= m.at AND f.recorded_to > m.at
    LEFT JOIN cpts.lead_on($2::date, $3::timestamptz) b ON b.cpts_id = f.cpts_id
    LEFT JOIN cpts.lead_on($2::date, $4::timestamptz) n ON n.cpts_id = f.cpts_id
   WHERE f.valid_from <= $2::date AND f.valid_to > $2::date
   ORDER BY m.late, f.cpts_id, f.valid_from DESC, f.version DESC
), population AS MATERIALIZED (
  SELECT m.late, p.cpts_id, round(sum(p.population_count))::int AS population_count
    FROM moment m
    JOIN cpts.cpts_population p ON p.recorded_from <= m.at AND p.recorded_to > m.at
   WHERE p.valid_from <= $2::date AND p.valid_to > $2::date
   GROUP BY m.late, p.cpts_id
), belief AS MATERIALIZED (
  SELECT s.late, s.cpts_id, s.stage, s.valid_from, s.successor_id, s.lead_region,
         coalesce(p.population_count, 0) AS population_count
    FROM stage s
    LEFT JOIN population p ON p.late = s.late AND p.cpts_id = s.cpts_id
), other_units AS MATERIALIZED (
  SELECT DISTINCT u.cpts_id
    FROM (SELECT t.cpts_id
            FROM cpts.cpts_territory t
           WHERE t.valid_from <= $2::date AND t.valid_to > $2::date
             AND (t.recorded_from <= $3::timestamptz AND t.recorded_to > $3::timestamptz)
                 <> (t.recorded_from <= $4::timestamptz AND t.recorded_to > $4::timestamptz)
           GROUP BY t.cpts_id, t.unit_code, t.share
          HAVING sum(CASE WHEN t.recorded_from <= $3::timestamptz THEN 1 ELSE -1 END) <> 0) u
), other_card AS MATERIALIZED (
  SELECT b.cpts_id
    FROM (SELECT DISTINCT ON (f.cpts_id) f.cpts_id, f.name, f.finess, f.website
            FROM cpts.cpts_former f
           WHERE f.recorded_to > $3::timestamptz AND f.recorded_to <= $4::timestamptz
           ORDER BY f.cpts_id, f.recorded_to, f.version) b
    JOIN cpts.cpts c ON c.cpts_id = b.cpts_id
    LEFT JOIN LATERAL (
      SELECT f.name, f.finess, f.website
        FROM cpts.cpts_former f
       WHERE f.cpts_id = b.cpts_id AND f.recorded_to > $4::timestamptz
       ORDER BY f.recorded_to, f.version LIMIT 1) a ON true
   WHERE (b.name, b.finess, b.website)
         IS DISTINCT FROM (coalesce(a.name, c.name), coalesce(a.finess, c.finess),
                           coalesce(a.website, c.website))
), pair AS MATERIALIZED (
  SELECT coalesce(b.cpts_id, a.cpts_id) AS cpts_id,
         b.stage AS stage_then, b.valid_from AS stage_on_then, b.lead_region AS region_then,
         b.population_count AS population_then, b.successor_id AS successor_then,
         a.stage AS stage_now, a.valid_from AS stage_on_now, a.lead_region AS region_now,
         a.population_count AS population_now, a.successor_id AS successor_now
    FROM (SELECT cpts_id, stage, valid_from, successor_id, lead_region, population_count
            FROM belief WHERE NOT late) b
    FULL JOIN (SELECT cpts_id, stage, valid_from, successor_id, lead_region, population_count
                 FROM belief WHERE late) a ON a.cpts_id = b.cpts_id
   WHERE $1::text = '' OR $1::text IN (b.lead_region, a.lead_region)
), differing AS MATERIALIZED (
  SELECT cpts_id, stage_then, stage_on_then, region_then, population_then,
         stage_now, stage_on_now, region_now, population_now
    FROM pair
   WHERE (stage_then, stage_on_then, successor_then, region_then, population_then)
         IS DISTINCT FROM (stage_now, stage_on_now, successor_now, region_now, population_now)
      OR cpts_id IN (SELECT u.cpts_id FROM other_units u)
      OR cpts_id IN (SELECT k.cpts_id FROM other_card k)
), total AS (
  SELECT (SELECT count(*) FROM differing) AS differing_count,
         array_agg((SELECT count(*) FROM pair p
                     WHERE p.stage_then = l.code AND ($1::text = '' OR p.region_then = $1::text))
                   ORDER BY l.rank) AS counts_then,
         array_agg((SELECT count(*) FROM pair p
                     WHERE p.stage_now = l.code AND ($1::text = '' OR p.region_now = $1::text))
                   ORDER BY l.rank) AS counts_now
    FROM cpts.stage l WHERE l.is_live
), page AS (
  SELECT cpts_id, stage_then, stage_on_then, region_then, population_then,
         stage_now, stage_on_now, region_now, population_now
    FROM differing WHERE cpts_id > $5::uuid ORDER BY cpts_id LIMIT $6::int
)
SELECT g.cpts_id, coalesce(k.name, c.name), c.synthetic,
       g.stage_then, g.stage_on_then, g.region_then, g.population_then,
       g.stage_now, g.stage_on_now, g.region_now, g.population_now,
       w.versions, w.kinds, w.recorded, w.actors, w.reasons, w.evidences,
       t.differing_count, t.counts_then, t.counts_now,
       greatest((SELECT cpts.answer_instant_us($4::timestamptz)), cpts.unix_us($3::timestamptz))
  FROM total t
  LEFT JOIN page g ON true
  LEFT JOIN cpts.cpts c ON c.cpts_id = g.cpts_id
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN c.updated_at > $4::timestamptz THEN g.cpts_id END, $4::timestamptz) k ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(o.version) AS versions, array_agg(o.kind) AS kinds,
           array_agg(cpts.unix_us(o.recorded_at)) AS recorded, array_agg(o.actor) AS actors,
           array_agg(o.reason) AS reasons, array_agg(o.evidence) AS evidences
      FROM (
        SELECT l.version, l.kind, l.recorded_at, l.actor, coalesce(r.reason, '') AS reason,
               coalesce(r.evidence, '') AS evidence
          FROM cpts.changes_of(g.cpts_id, $3::timestamptz, $4::timestamptz) l
          LEFT JOIN cpts.cpts_correction r ON r.cpts_id = g.cpts_id AND r.version = l.version
         WHERE l.recorded_at IN (
           SELECT unnest(ARRAY[f.recorded_from, f.recorded_to]) FROM cpts.cpts_stage f
            WHERE f.cpts_id = g.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
           UNION
           SELECT unnest(ARRAY[p.recorded_from, p.recorded_to]) FROM cpts.cpts_population p
            WHERE p.cpts_id = g.cpts_id AND p.valid_from <= $2::date AND p.valid_to > $2::date
           UNION
           SELECT unnest(ARRAY[t.recorded_from, t.recorded_to]) FROM cpts.cpts_territory t
            WHERE t.cpts_id = g.cpts_id AND t.valid_from <= $2::date AND t.valid_to > $2::date
           UNION
           SELECT f.recorded_to FROM cpts.cpts_former f WHERE f.cpts_id = g.cpts_id)
         ORDER BY l.version DESC LIMIT 20) o) w ON true
 ORDER BY g.cpts_id
