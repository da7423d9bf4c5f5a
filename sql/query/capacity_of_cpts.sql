-- The weeks of one CPTS.
-- $1 cpts_id (uuid)  $2 first Monday (date)  $3 last Monday (date)
-- $4 known at (timestamptz, NULL = now)  $5 today (date)
-- Gives no row (no such CPTS), else a row a figure, by week: 0 in scope (boolean), 1 synthetic,
-- 2 version, 3 Monday of the latest week with SNP slots or places (NULL = none), 4 percent of the
-- objective (NULL = none), 5 its source, 6 its confidence, 7 Monday (NULL = no figure), 8 kind,
-- 9 area, 10 count, 11 recorded_us. People are left out of what is not in scope.
SELECT cpts.may_write(c.lead_region, c.cpts_id), c.synthetic, c.version, l.valid_from,
       o.snp_percent, o.source, o.confidence, f.valid_from, f.kind, f.area, f.counted,
       cpts.unix_us(f.recorded_from)
  FROM cpts.cpts c
  LEFT JOIN LATERAL (
    SELECT max(t.valid_from) AS valid_from
      FROM cpts.cpts_capacity t
     WHERE t.cpts_id = c.cpts_id AND t.valid_from <= $5::date AND t.kind IN ('SNP_SLOTS', 'PLACES')
       AND t.recorded_from <= cpts.known_at($4::timestamptz)
       AND t.recorded_to > cpts.known_at($4::timestamptz)) l ON true
  LEFT JOIN cpts.capacity_objective o ON o.valid_from <= $5::date AND o.valid_to > $5::date
  LEFT JOIN cpts.cpts_capacity f
    ON f.cpts_id = c.cpts_id AND f.valid_from BETWEEN $2::date AND $3::date
   AND f.recorded_from <= cpts.known_at($4::timestamptz)
   AND f.recorded_to > cpts.known_at($4::timestamptz)
   AND (f.kind <> 'SEEKERS' OR cpts.may_write(c.lead_region, c.cpts_id))
 WHERE c.cpts_id = $1::uuid
 ORDER BY f.valid_from, f.kind, f.area
