-- The missions of one CPTS on a date, as believed at an instant: a row a mission that is known.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- Gives no row when the CPTS is not known, else: 0 cpts_id, 1 version, 2 signed on ('' = not),
-- 3 synthetic, 4 mission (NULL: none is known), 5 status ('' = none), 6 status since, 7 statuses[], 8 their dates[],
-- 9 objectives adopted[], 10 actions adopted[], 11 adopted on, 12 objectives proposed[],
-- 13 actions proposed[], 14 proposed on (12 to 14 NULL for those who may not write the CPTS), 15 crisis kinds[], 16 their dates[] (of crise_sanitaire).
WITH known AS MATERIALIZED (
  SELECT cpts.known_at($3::timestamptz) AS at
), plan AS MATERIALIZED (
  SELECT DISTINCT ON (p.mission, p.state) p.mission, p.state::text AS state, p.objectives, p.actions,
         p.valid_from, p.version
    FROM known, cpts.cpts_mission_plan p
   WHERE p.cpts_id = $1::uuid AND p.valid_from <= $2::date AND p.valid_to > $2::date
     AND p.recorded_from <= known.at AND p.recorded_to > known.at
   ORDER BY p.mission, p.state, p.valid_from DESC, p.version DESC
)
SELECT c.cpts_id, c.version,
       (SELECT min(f.valid_from) FROM cpts.cpts_stage f
         WHERE f.cpts_id = c.cpts_id AND f.stage = 'ACI_SIGNE' AND f.valid_from <= $2::date
           AND f.recorded_from <= known.at AND f.recorded_to > known.at),
       c.synthetic, r.code, h.statuses[cardinality(h.statuses)], h.dates[cardinality(h.dates)],
       h.statuses, h.dates, a.objectives, a.actions, a.valid_from, p.objectives, p.actions,
       p.valid_from, k.kinds, k.dates
  FROM known
  JOIN cpts.cpts c ON c.cpts_id = $1::uuid AND c.created_at <= known.at
  LEFT JOIN cpts.mission r ON r.valid_from <= $2::date AND r.valid_to > $2::date
  LEFT JOIN LATERAL (
    SELECT array_agg(f.status::text ORDER BY f.valid_from, f.version) AS statuses,
           array_agg(f.valid_from ORDER BY f.valid_from, f.version) AS dates
      FROM cpts.cpts_mission f
     WHERE f.cpts_id = c.cpts_id AND f.mission = r.code AND f.valid_from <= $2::date
       AND f.recorded_from <= known.at AND f.recorded_to > known.at) h ON true
  LEFT JOIN plan a ON a.mission = r.code AND a.state = 'ADOPTED'
  LEFT JOIN plan p ON p.mission = r.code AND p.state = 'PROPOSED'
   AND (a.version IS NULL OR p.version > a.version)
  LEFT JOIN LATERAL (
    SELECT array_agg(f.kind::text ORDER BY f.valid_from, f.version) AS kinds,
           array_agg(f.valid_from ORDER BY f.valid_from, f.version) AS dates
      FROM cpts.cpts_crisis f
     WHERE r.code = 'crise_sanitaire' AND f.cpts_id = c.cpts_id AND f.valid_from <= $2::date
       AND f.recorded_from <= known.at AND f.recorded_to > known.at) k ON true
 ORDER BY r.rank
