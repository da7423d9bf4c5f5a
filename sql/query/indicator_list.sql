-- The definitions of indicators in force on a date.
-- $1 mission ('' = all)  $2 as of (date)
-- Gives: 0 code, 1 mission, 2 label, 3 kind, 4 direction, 5 unit, 6 counts people, 7 provider,
-- 8 example, 9 source, 10 confidence.
SELECT i.code, i.mission, i.label, i.kind, i.direction, i.unit, i.counts_people, i.provider,
       i.example, i.source, i.confidence
  FROM cpts.indicator i
 WHERE i.valid_from <= $2::date AND i.valid_to > $2::date AND ($1::text = '' OR i.mission = $1::text)
 ORDER BY i.code
