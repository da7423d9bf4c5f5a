-- Published counts of a scope, oldest first.
-- $1 region ('' = the nation)   $2 measure that is the total (text)
-- $3 from (date, NULL = the first one)        $4 to (date)
-- Gives: 0 date, 1 count, 2..5 by stage where the same publisher gave it for the same date
-- (EMERGENCE, LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE; NULL without), 6 date precision,
-- 7 publisher, 8 confidence, 9 source.
SELECT p.counted_on, p.cpts_count,
       s.emergence, s.lettre_intention, s.projet_valide, s.aci_signe,
       p.date_precision, p.publisher, p.confidence, p.source, t.cpts_count
  FROM (SELECT coalesce((SELECT g.cpts_count FROM cpts.target g
                          WHERE g.region = $1::text AND g.valid_from <= $4::date
                            AND g.valid_to > $4::date
                          ORDER BY g.valid_from DESC LIMIT 1), 0) AS cpts_count) t
  LEFT JOIN cpts.published_count p
    ON p.scope = CASE WHEN $1::text = '' THEN 'FR' ELSE 'region:' || $1::text END
   AND p.measure = $2::text AND p.counted_on <= $4::date
   AND ($3::date IS NULL OR p.counted_on >= $3::date)
  LEFT JOIN LATERAL (
    SELECT max(q.cpts_count) FILTER (WHERE q.measure = 'pre_project') AS emergence,
           max(q.cpts_count) FILTER (WHERE q.measure = 'intent_letter_validated') AS lettre_intention,
           max(q.cpts_count) FILTER (WHERE q.measure = 'project_validated') AS projet_valide,
           max(q.cpts_count) FILTER (WHERE q.measure = 'aci_signed') AS aci_signe
      FROM cpts.published_count q
     WHERE q.scope = p.scope AND q.counted_on = p.counted_on AND q.publisher = p.publisher) s ON true
 ORDER BY p.counted_on, p.publisher
