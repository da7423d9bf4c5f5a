-- Professions and kinds of structures that members may have.
-- Gives: 0 kind (PROFESSION, STRUCTURE), 1 code, 2 label, 3 line of the composition board
-- ('' for a structure), 4 national code or FINESS category, 5 source, 6 confidence,
-- 7 first date, 8 first date on which it is over ('' = open).
SELECT 'PROFESSION' AS kind, p.code, p.label, p.member_group, p.national_code, p.source,
       p.confidence, p.valid_from, coalesce(nullif(p.valid_to, 'infinity')::text, '')
  FROM cpts.profession p
UNION ALL
SELECT 'STRUCTURE', k.code, k.label, '', k.finess_category, k.source, k.confidence, k.valid_from,
       coalesce(nullif(k.valid_to, 'infinity')::text, '')
  FROM cpts.structure_kind k
 ORDER BY 1, 2
