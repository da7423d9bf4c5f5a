-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:unit_merger
BEGIN;
SELECT 1 / (cpts.wire_varint(300) = '\xac02')::int;
SELECT 1 / (cpts.wire_field(2, 'ab') = '\x12026162')::int;
SELECT 1 / (cpts.wire_double(2, 0.5) = '\x11000000000000e03f')::int;
SELECT 1 / prosecdef::int FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace AND proname = 'unit_merge';
SELECT 1 / (count(*) = 6)::int FROM pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('unit_mappings', 'units_replace', 'territory_map', 'population_record',
                   'unit_mapping_report', 'mapping_excess');
ROLLBACK;
