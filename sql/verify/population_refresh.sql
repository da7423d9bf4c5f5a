-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:population_refresh
BEGIN;
SELECT 1 / (NOT has_function_privilege('cpts_app', 'cpts.populations_refresh()', 'EXECUTE'))::int;
ROLLBACK;
