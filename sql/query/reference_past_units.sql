-- What units were before mergers, for the server's copy of the reference.
-- Gives: 0 code, 1 region, 2 département, 3 population, 4 true for a leaf, 5 parent code,
-- 6 kind, 7 since when it was this ('' = always), 8 when it ended, 9 code of the commune it became
-- ('' for an IRIS), 10 its part of that commune's inhabitants (of the communes, without any).
SELECT p.code, p.region, p.department, p.population_count, p.is_leaf, p.parent_code, p.kind,
       CASE WHEN p.valid_from = '-infinity' THEN '' ELSE p.valid_from::text END, p.valid_to::text,
       coalesce(p.successor_code, ''),
       CASE WHEN p.successor_code IS NULL THEN 0
            WHEN sum(p.population_count) OVER merged > 0
            THEN p.population_count::float8 / sum(p.population_count) OVER merged
            ELSE 1.0::float8 / count(*) OVER merged END
  FROM cpts.territory_unit_past p
WINDOW merged AS (PARTITION BY p.successor_code, p.valid_to)
 ORDER BY p.code COLLATE "C", p.valid_to
