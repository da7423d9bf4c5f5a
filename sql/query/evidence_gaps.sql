-- A page of the CPTS with stages whose evidence is not complete, by id.
-- $1 region that led on $4 ('' = all)
-- $2 stages (text[])  $3 kinds that each requires, between spaces (text[])
-- $4 as of (date)  $5 known at (timestamptz)
-- $6 after this cpts_id (uuid)  $7 rows at most (int)
-- Gives: 0 cpts_id, 1 name, 2 lead_region, 3 stages[], 4 dates[], 5 kinds missing[] (between
-- spaces), 6 bases[], 7 synthetic, 8 known at (microseconds).
SELECT c.cpts_id, coalesce(k.name, c.name), coalesce(m.region, c.lead_region), g.stages, g.dates, g.missing, g.bases, c.synthetic,
       (SELECT cpts.answer_instant_us($5::timestamptz))
  FROM cpts.cpts c
  LEFT JOIN cpts.lead_on($4::date, $5::timestamptz) m ON m.cpts_id = c.cpts_id
  JOIN LATERAL (
    SELECT array_agg(e.stage ORDER BY e.valid_from, e.version) AS stages,
           array_agg(e.valid_from ORDER BY e.valid_from, e.version) AS dates,
           array_agg(e.missing ORDER BY e.valid_from, e.version) AS missing,
           array_agg(e.basis ORDER BY e.valid_from, e.version) AS bases
      FROM (
        SELECT f.stage, f.valid_from, f.version, f.basis,
               cpts.kinds_missing(string_to_array(r.kinds, ' '), f.evidence) AS missing
          FROM cpts.cpts_stage f
          JOIN unnest($2::text[], $3::text[]) AS r (stage, kinds) ON r.stage = f.stage
         WHERE f.cpts_id = c.cpts_id AND f.valid_from <= $4::date
           AND f.recorded_from <= $5::timestamptz AND f.recorded_to > $5::timestamptz) e
     WHERE e.missing IS NOT NULL) g ON g.stages IS NOT NULL
  LEFT JOIN LATERAL cpts.card_known(
         CASE WHEN c.updated_at > $5::timestamptz THEN c.cpts_id END, $5::timestamptz) k ON true
 WHERE c.cpts_id > $6::uuid AND c.created_at <= $5::timestamptz
   AND ($1::text = '' OR coalesce(m.region, c.lead_region) = $1::text)
 ORDER BY c.cpts_id
 LIMIT $7::int
