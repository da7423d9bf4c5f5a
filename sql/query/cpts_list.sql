-- A page of the CPTS that match, ordered by id.
-- $1 region that led on $5, '' = all  $2 département ('' = all)   $3 unit code ('' = all)
-- $4 stages (text[])            $5 as of (date)             $6 known at (timestamptz)
-- $7 after this cpts_id (uuid)  $8 rows at most (int)
-- Gives: 0 cpts_id, 1 version, 2 name, 3 lead_region, 4 stage, 5 stage_on, 6 population,
-- 7 synthetic, 8 finess, 9 website, 10 owner_node, 11 epoch, 12 created_us, 13 updated_us,
-- 14 known at (microseconds).
SELECT c.cpts_id, coalesce(k.version, c.version), coalesce(k.name, c.name),
       coalesce(m.region, c.lead_region), s.stage, s.valid_from, coalesce(t.population, 0), c.synthetic, coalesce(k.finess, c.finess),
       coalesce(k.website, c.website), c.owner_node, c.epoch, cpts.unix_us(c.created_at),
       cpts.unix_us(coalesce(k.updated_at, c.updated_at)),
       (SELECT cpts.answer_instant_us($6::timestamptz))
  FROM cpts.cpts c
  LEFT JOIN cpts.lead_on($5::date, $6::timestamptz) m ON m.cpts_id = c.cpts_id
  JOIN LATERAL (
    SELECT f.stage, f.valid_from
      FROM cpts.cpts_stage f
     WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $5::date AND f.valid_to > $5::date
       AND f.recorded_from <= $6::timestamptz AND f.recorded_to > $6::timestamptz
     ORDER BY f.valid_from DESC, f.version DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (
    SELECT round(sum(f.population_count))::int AS population
      FROM cpts.cpts_population f
     WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $5::date AND f.valid_to > $5::date
       AND f.recorded_from <= $6::timestamptz AND f.recorded_to > $6::timestamptz) t ON true
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN c.updated_at > $6::timestamptz THEN c.cpts_id END, $6::timestamptz) k ON true
 WHERE c.cpts_id > $7::uuid
   AND c.created_at <= $6::timestamptz
   AND ($1::text = '' OR coalesce(m.region, c.lead_region) = $1::text)
   AND s.stage = ANY ($4::text[])
   AND ($2::text = '' OR EXISTS (
     SELECT FROM cpts.cpts_population f
      WHERE f.cpts_id = c.cpts_id AND f.department = $2::text
        AND f.valid_from <= $5::date AND f.valid_to > $5::date
        AND f.recorded_from <= $6::timestamptz AND f.recorded_to > $6::timestamptz))
   AND ($3::text = '' OR EXISTS (
     SELECT FROM cpts.cpts_territory f
       JOIN cpts.territory_unit u ON u.code = f.unit_code
      WHERE f.cpts_id = c.cpts_id AND $3::text IN (u.code, u.parent_code)
        AND f.valid_from <= $5::date AND f.valid_to > $5::date
        AND f.recorded_from <= $6::timestamptz AND f.recorded_to > $6::timestamptz))
 ORDER BY c.cpts_id
 LIMIT $8::int
