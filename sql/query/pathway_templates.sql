-- The templates of pathways with their steps: of each the version in force.
-- $1 date (date)
-- Gives a row a step: 0 template, 1 version, 2 label, 3 use, 4 an establishment asks, 5 valid from,
-- 6 source, 7 confidence, 8 step, 9 label, 10 use case, 11 urgency, 12 profession, 13 speciality,
-- 14 previous (text[]), 15 delay (days).
SELECT t.template, t.version, t.label, t.use, t.requester_wanted, t.valid_from::text, t.source,
       t.confidence, s.step, s.label, s.use_case, s.urgency, s.profession, s.speciality,
       s.previous, s.delay_days
  FROM (SELECT DISTINCT ON (a.template) a.template, a.version, a.label, a.use, a.requester_wanted,
               a.valid_from, a.source, a.confidence
          FROM cpts.pathway_template a WHERE a.valid_from <= $1::date
         ORDER BY a.template, a.version DESC) t
  JOIN cpts.pathway_template_step s ON s.template = t.template AND s.version = t.version
 ORDER BY t.template, s.rank
