-- A page of the regions that have an ARS.
-- $1 after this code (text)  $2 rows at most (int)
-- Gives: 0 code, 1 name, 2 zone, 3 départements, 4 communes, 5 population, 6 owner node.
WITH commune AS MATERIALIZED (
  -- All are counted at once: a region at a time would read every unit for each.
  SELECT u.region, count(*) AS commune_count
    FROM cpts.territory_unit u WHERE u.kind = 'COMMUNE' GROUP BY u.region
)
SELECT r.code, r.name, r.zone,
       (SELECT count(*) FROM cpts.department d WHERE d.region = r.code),
       coalesce(c.commune_count, 0), r.population_count, coalesce(o.node, 'national')
  FROM cpts.region r
  LEFT JOIN commune c ON c.region = r.code
  LEFT JOIN cpts.region_owner o ON o.region = r.code
 WHERE r.zone IN ('metro', 'drom') AND r.code > $1::text
 ORDER BY r.code
 LIMIT $2::int
