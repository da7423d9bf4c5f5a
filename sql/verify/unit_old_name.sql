-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:unit_old_name
BEGIN;
SELECT old_code, name, unit_code FROM cpts.unit_old_name WHERE false;
SELECT 1 / has_table_privilege('cpts_app', 'cpts.unit_old_name', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.unit_old_name', 'UPDATE'))::int;
ROLLBACK;
