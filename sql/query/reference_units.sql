-- Every unit a territory can be made of, for the server's copy of the reference.
-- Gives: 0 code, 1 region, 2 département, 3 population, 4 true for a leaf, 5 parent code,
-- 6 kind, 7 version of the reference, 8 date since when it is this ('' = always).
SELECT u.code, u.region, u.department, u.population_count, u.is_leaf, u.parent_code,
       u.kind, (SELECT max(v.version) FROM cpts.reference_version v),
       CASE WHEN u.valid_from = '-infinity' THEN '' ELSE u.valid_from::text END
  FROM cpts.territory_unit u
 ORDER BY u.code COLLATE "C"
