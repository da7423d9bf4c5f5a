-- SPDX-License-Identifier: Apache-2.0
-- Loads the IRIS of a vintage from iris.csv, in one transaction; safe to run
-- again: when nothing changed, no new version is minted. Servers take the new
-- version within two seconds. The file is not in this folder: INSEE publishes
-- it (codes and names of the IRIS, and inhabitants by IRIS), and an operator
-- puts it into the shape
--   code,name,parent,population
-- code: nine characters; parent: the commune or arrondissement municipal, which
-- the code begins with; population: inhabitants, of the same vintage as the
-- communes'. IRIS that the file leaves out are removed when no CPTS claims them.
-- Run by a superuser or cpts_owner with the file's folder as working directory:
--   psql -v ON_ERROR_STOP=1 -v source='INSEE ...' -d DATABASE -f load_iris.sql
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
SET LOCAL ROLE cpts_owner;

CREATE TEMPORARY TABLE iris_csv (code text, name text, parent text, population int) ON COMMIT DROP;
\copy iris_csv FROM 'iris.csv' WITH (FORMAT csv, HEADER match, ENCODING 'UTF8')

-- A parent that is none, or not counted itself, stops the load: department is NULL.
INSERT INTO cpts.territory_unit (code, kind, name, parent_code, is_leaf, department, region, epci,
    population_count, latitude, longitude, position_source)
  SELECT i.code, 'IRIS', i.name, i.parent, false, p.department, p.region, p.epci, i.population,
         p.latitude, p.longitude,
         CASE WHEN p.latitude IS NULL THEN 'none' ELSE 'epci_approximate' END
    FROM iris_csv i
    LEFT JOIN cpts.territory_unit p ON p.code = i.parent AND p.is_leaf
  ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, parent_code = excluded.parent_code,
        population_count = excluded.population_count, latitude = excluded.latitude,
        longitude = excluded.longitude, position_source = excluded.position_source;

DELETE FROM cpts.territory_unit u
 WHERE u.kind = 'IRIS' AND NOT EXISTS (SELECT FROM iris_csv i WHERE i.code = u.code)
   AND NOT EXISTS (SELECT FROM cpts.cpts_territory t WHERE t.unit_code = u.code);

SELECT cpts.populations_refresh();

SELECT cpts.reference_version_mint(v.vintage, :'source', v.effective_on)
  FROM cpts.reference_version v ORDER BY v.version DESC LIMIT 1;
COMMIT;
ANALYZE cpts.territory_unit;

-- To look at: communes whose IRIS do not add up to their own inhabitants.
SELECT count(*) AS communes_with_other_sum, coalesce(sum(abs(x.difference)), 0) AS inhabitants
  FROM (SELECT p.population_count - sum(i.population_count) AS difference
          FROM cpts.territory_unit i
          JOIN cpts.territory_unit p ON p.code = i.parent_code
         WHERE i.kind = 'IRIS' GROUP BY p.code, p.population_count) x
 WHERE x.difference <> 0;
