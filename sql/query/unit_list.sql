-- A page of the units a territory can be made of, each with what merged into it.
-- $1 after this code (text)  $2 rows at most (int)
-- Gives: 0 code, 1 kind, 2 name, 3 département, 4 region, 5 parent code, 6 population,
-- 7 true for a leaf, 8 former codes, 9 their names ('' = not known), 10 reference version.
SELECT u.code, u.kind, u.name, u.department, u.region, u.parent_code, u.population_count,
       u.is_leaf, f.codes, f.names, v.version
  FROM (SELECT t.code, t.kind, t.name, t.department, t.region, t.parent_code, t.population_count,
               t.is_leaf
          FROM cpts.territory_unit t
         WHERE t.code > $1::text ORDER BY t.code LIMIT $2::int) u
  LEFT JOIN (
    SELECT coalesce(o.unit_code, n.unit_code) AS unit_code,
           array_agg(coalesce(o.old_code, n.old_code)
                     ORDER BY coalesce(o.old_code, n.old_code)) AS codes,
           array_agg(coalesce(n.name, '')
                     ORDER BY coalesce(o.old_code, n.old_code)) AS names
      FROM cpts.unit_old_code o
      FULL JOIN cpts.unit_old_name n ON n.old_code = o.old_code AND n.unit_code = o.unit_code
     GROUP BY 1) f ON f.unit_code = u.code
 CROSS JOIN (SELECT max(r.version) AS version FROM cpts.reference_version r) v
 ORDER BY u.code
