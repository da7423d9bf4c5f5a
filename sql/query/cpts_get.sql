-- One CPTS as it was on a date, as believed at an instant.
-- $1 cpts_id (uuid)  $2 as of (date)  $3 known at (timestamptz, NULL = now)
-- Gives no row or one: 0 cpts_id, 1 version, 2 name, 3 lead_region, 4 stage, 5 stage_on,
-- 6 population, 7 synthetic, 8 finess, 9 website, 10 owner_node, 11 epoch, 12 created_us,
-- 13 updated_us, 14 stages[], 15 stage dates[], 16 successors[], 17 recorded_us[],
-- 18 unit codes[], 19 shares[], 20 unit names[], 21 unit populations[].
WITH known AS MATERIALIZED (
  SELECT cpts.known_at($3::timestamptz) AS at
)
SELECT c.cpts_id, coalesce(k.version, c.version), coalesce(k.name, c.name),
       coalesce(m.region, c.lead_region), s.stage, s.valid_from, coalesce(t.population, 0), c.synthetic, coalesce(k.finess, c.finess),
       coalesce(k.website, c.website), c.owner_node, c.epoch, cpts.unix_us(c.created_at),
       cpts.unix_us(coalesce(k.updated_at, c.updated_at)),
       h.stages, h.dates, h.successors, h.recorded,
       t.codes, t.shares, t.names, t.populations
  FROM known
  JOIN cpts.cpts c ON c.cpts_id = $1::uuid AND c.created_at <= known.at
  LEFT JOIN cpts.lead_on($2::date, cpts.known_at($3::timestamptz)) m ON m.cpts_id = c.cpts_id
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN c.updated_at > known.at THEN c.cpts_id END, known.at) k ON true
  LEFT JOIN LATERAL (
    SELECT f.stage, f.valid_from
      FROM cpts.cpts_stage f
     WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
       AND f.recorded_from <= known.at AND f.recorded_to > known.at
     ORDER BY f.valid_from DESC, f.version DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(e.stage) AS stages, array_agg(e.valid_from) AS dates,
           array_agg(e.successor) AS successors, array_agg(e.recorded) AS recorded
      FROM (
        SELECT f.stage, f.valid_from, coalesce(f.successor_id::text, '') AS successor,
               cpts.unix_us(f.recorded_from) AS recorded
          FROM cpts.cpts_stage f
         WHERE f.cpts_id = c.cpts_id AND f.recorded_from <= known.at AND f.recorded_to > known.at
         ORDER BY f.valid_from, f.version) e) h ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(e.unit_code) AS codes, array_agg(e.share) AS shares, array_agg(e.name) AS names,
           array_agg(e.population) AS populations, round(sum(e.share * e.population))::int AS population
      FROM (
        SELECT f.unit_code, f.share, coalesce(p.name, u.name, '') AS name,
               coalesce(p.population_count, u.population_count, 0) AS population
          FROM cpts.cpts_territory f
          LEFT JOIN cpts.territory_unit u ON u.code = f.unit_code
          LEFT JOIN LATERAL (
            SELECT e.name, e.population_count FROM cpts.territory_unit_past e
             WHERE e.code = f.unit_code AND (e.valid_to > $2::date OR e.superseded_at > known.at)
             ORDER BY e.valid_to LIMIT 1) p ON true
         WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $2::date AND f.valid_to > $2::date
           AND f.recorded_from <= known.at AND f.recorded_to > known.at
         ORDER BY f.unit_code) e) t ON true
