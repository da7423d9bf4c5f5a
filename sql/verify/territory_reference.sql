-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:territory_reference
BEGIN;
SELECT effective_on FROM cpts.reference_version WHERE false;
SELECT valid_from, recorded_from FROM cpts.territory_unit WHERE false;
SELECT code, valid_to, superseded_at, kind, name, parent_code, is_leaf, department, region, epci,
       population_count, latitude, longitude, position_source, valid_from, recorded_from,
       successor_code
  FROM cpts.territory_unit_past WHERE false;
SELECT area, valid_to, superseded_at, population_count FROM cpts.area_population_past WHERE false;
SELECT 1 / (count(*) = 4)::int FROM cpts.size_class WHERE valid_to = 'infinity';
SELECT code FROM cpts.unit_on('01001', '2020-01-01', now()) WHERE false;
SELECT population_count FROM cpts.territory_people('{01001}', '{1}', '2020-01-01') WHERE false;
SELECT 1 / (cpts.units_merged_within('{}', '2020-01-01', '2021-01-01') IS NULL)::int;
SELECT code FROM cpts.units_on('2020-01-01', now()) WHERE false;
SELECT cpts_id, stage, stage_on FROM cpts.live_on('2020-01-01', now()) WHERE false;
SELECT 1 / (cpts.area_population('region', '', 7, '2020-01-01', now()) = 7)::int;
SELECT cpts.vintage_on('2020-01-01', now());
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.territory_unit_past', 'INSERT'))::int;
SELECT 1 / (NOT has_function_privilege('cpts_app', 'cpts.reference_version_mint(int, text, date)',
                                       'EXECUTE'))::int;
ROLLBACK;
