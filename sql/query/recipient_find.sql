-- Who may receive a need of a commune, in the order to ask them in.
-- $1 code of the commune or arrondissement (text)  $2 use case (text)
-- $3 profession wanted ('' = none)                 $4 usual CPTS (uuid, NULL = none)
-- $5 CPTS that asks (uuid, NULL = none)            $6 rows at most (int)
-- $7 today (date)                                  $8 smallest count that is shown (int)
-- Distances between population-weighted centres, along great circles.
-- Gives one row at least: 0 the usual CPTS is known, or none was named, 1 code of the commune,
-- 2 name, 3 département, 4 latitude, 5 longitude, 6 position quality, 7 cpts_id (NULL = nobody),
-- 8 name, 9 stage, 10 lead region, 11 reason, 12 its label, 13 share, 14 shares of all, 15 distance
-- (km), 16 position quality of both, 17 obstacle ('' = eligible), 18 its label, 19 SNP slots
-- (NULL = not known), 20 places, 21 Monday of that week, 22 key serial (0 = none), 23 members of
-- the profession, 24 synthetic.
WITH place AS MATERIALIZED (
  SELECT u.code, u.name, u.department, u.population_count,
         cosd(u.latitude) * cosd(u.longitude) AS x, cosd(u.latitude) * sind(u.longitude) AS y,
         sind(u.latitude) AS z, u.latitude, u.longitude,
         CASE u.position_source WHEN 'geonames' THEN 'EXACT' WHEN 'none' THEN 'NONE'
              ELSE 'APPROXIMATE' END AS quality
    FROM cpts.unit_on($1::text, $7::date, cpts.known_at(NULL)) u
), centre AS MATERIALIZED (
  SELECT c.cpts_id, c.x / n.length AS x, c.y / n.length AS y, c.z / n.length AS z,
         cpts.position_quality(c.population, c.placed, c.exact) AS quality
    FROM cpts.centres_on($7::date, cpts.known_at(NULL)) c
   CROSS JOIN LATERAL (SELECT nullif(sqrt(c.x * c.x + c.y * c.y + c.z * c.z), 0) AS length) n
), live AS MATERIALIZED (
  SELECT l.cpts_id, l.stage FROM cpts.live_on($7::date, cpts.known_at(NULL)) l
), claim AS MATERIALIZED (
  SELECT t.cpts_id, least(1, sum(CASE WHEN t.unit_code = p.code THEN t.share
           ELSE t.share * i.population_count / nullif(p.population_count, 0) END)) AS share
    FROM place p
    JOIN cpts.cpts_territory t ON left(t.unit_code, 5) = p.code
    JOIN live l ON l.cpts_id = t.cpts_id
    LEFT JOIN cpts.territory_unit i ON i.code = t.unit_code
   WHERE t.valid_from <= $7::date AND t.valid_to > $7::date AND t.recorded_to = 'infinity'
   GROUP BY t.cpts_id
), current_key AS MATERIALIZED (
  SELECT DISTINCT ON (k.cpts_id) k.cpts_id, k.serial, k.valid_from <= now() AND k.valid_to > now()
           AND NOT EXISTS (SELECT FROM cpts.key_statement v WHERE v.cpts_id = k.cpts_id
                              AND v.serial = k.serial AND v.kind = 'REVOCATION')
           AND NOT cpts.authority_is_revoked(k.lead_region, k.authority_serial) AS holds
    FROM cpts.key_statement k
   WHERE k.kind = 'STATEMENT'
   ORDER BY k.cpts_id, k.serial DESC, k.authority_serial DESC
), judged AS MATERIALIZED (
  SELECT l.cpts_id, l.stage, c.quality, m.share,
         (SELECT sum(a.share) FROM claim a) AS share_sum,
         cpts.distance_km(p.x, p.y, p.z, c.x, c.y, c.z) AS distance,
         CASE WHEN l.cpts_id = $4::uuid THEN 1
              WHEN m.share >= 0.9999 AND (SELECT sum(a.share) FROM claim a) <= 1.0001 THEN 2
              WHEN m.share > 0 THEN 3 ELSE 4 END AS rank,
         CASE WHEN l.cpts_id = $5::uuid THEN 'ORIGIN'
              WHEN r.stage IS NULL THEN 'STAGE'
              WHEN r.by_consent AND NOT EXISTS (
                     SELECT FROM cpts.referral_opt_in o
                      WHERE o.cpts_id = l.cpts_id AND o.use_case = $2::text) THEN 'NOT_OPTED_IN'
              WHEN NOT coalesce(k.holds, false) THEN 'NO_KEY' ELSE '' END AS obstacle,
         CASE WHEN k.holds THEN k.serial ELSE 0 END AS key_serial
    FROM place p
    JOIN live l ON true
    LEFT JOIN centre c ON c.cpts_id = l.cpts_id
    LEFT JOIN claim m ON m.cpts_id = l.cpts_id
    LEFT JOIN cpts.referral_reach r ON r.stage = l.stage AND r.use_case = $2::text
    LEFT JOIN current_key k ON k.cpts_id = l.cpts_id
), chosen AS MATERIALIZED (
  SELECT j.cpts_id, j.stage, j.quality, j.share, j.share_sum, j.distance, j.rank, j.obstacle,
         j.key_serial
    FROM judged j
   WHERE j.rank < 4 OR j.distance IS NOT NULL
   ORDER BY j.obstacle <> '', j.rank, j.share DESC NULLS LAST, j.distance NULLS LAST, j.cpts_id
   LIMIT $6::int
)
SELECT $4::uuid IS NULL OR EXISTS (SELECT FROM cpts.cpts u WHERE u.cpts_id = $4::uuid),
       p.code, p.name, p.department, p.latitude, p.longitude, p.quality,
       j.cpts_id, k.name, j.stage, k.lead_region,
       w.code, w.label, coalesce(j.share, 0), coalesce(j.share_sum, 0), j.distance,
       CASE WHEN p.quality = 'NONE' OR coalesce(j.quality, 'NONE') = 'NONE' THEN 'NONE'
            WHEN p.quality = 'EXACT' AND j.quality = 'EXACT' THEN 'EXACT'
            ELSE 'APPROXIMATE' END,
       j.obstacle, o.label, f.snp_slot_count, f.place_count, f.monday, j.key_serial,
       CASE WHEN n.member_count >= $8::int THEN n.member_count ELSE 0 END, k.synthetic
  FROM place p
  LEFT JOIN chosen j ON true
  LEFT JOIN cpts.cpts k ON k.cpts_id = j.cpts_id
  LEFT JOIN cpts.recipient_word w
    ON w.code = (ARRAY['USUAL', 'TERRITORY', 'TERRITORY_SHARED', 'NEIGHBOUR'])[j.rank]
  LEFT JOIN cpts.recipient_word o ON o.code = j.obstacle
  LEFT JOIN LATERAL (
    SELECT i.valid_from AS monday, max(i.counted) FILTER (WHERE i.kind = 'SNP_SLOTS')
             AS snp_slot_count, max(i.counted) FILTER (WHERE i.kind = 'PLACES') AS place_count
      FROM cpts.cpts_capacity i
     WHERE i.cpts_id = j.cpts_id AND i.kind IN ('SNP_SLOTS', 'PLACES')
       AND i.recorded_to = 'infinity' AND i.valid_from <= $7::date
     GROUP BY i.valid_from ORDER BY i.valid_from DESC LIMIT 1) f ON true
  LEFT JOIN LATERAL (
    SELECT max(s.member_count) AS member_count
      FROM cpts.cpts_member_count c
     CROSS JOIN LATERAL (
       SELECT d.member_count
         FROM unnest(c.change_dates, c.member_counts) AS d (change_date, member_count)
        WHERE d.change_date <= $7::date ORDER BY d.change_date DESC LIMIT 1) s
     WHERE c.cpts_id = j.cpts_id AND c.category = $3::text AND c.recorded_to = 'infinity') n ON true
 ORDER BY j.obstacle <> '', j.rank, j.share DESC NULLS LAST, j.distance NULLS LAST, j.cpts_id
