-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:reference
BEGIN;
SELECT version, vintage, source, content_hash, loaded_at FROM cpts.reference_version WHERE false;
SELECT code, name, zone, population_count FROM cpts.region WHERE false;
SELECT code, name, region, zone, population_count FROM cpts.department WHERE false;
SELECT siren, name, kind, population_count, latitude, longitude FROM cpts.epci WHERE false;
SELECT code, kind, name, parent_code, is_leaf, department, region, epci, population_count,
       latitude, longitude, position_source
  FROM cpts.territory_unit WHERE false;
SELECT old_code, unit_code FROM cpts.unit_old_code WHERE false;
SELECT region, valid_from, valid_to, cpts_count, source FROM cpts.target WHERE false;
SELECT 1 / has_table_privilege('cpts_app', 'cpts.territory_unit', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.territory_unit', 'UPDATE'))::int;
ROLLBACK;
