-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:schema
BEGIN;
SELECT 1 / (cpts.unix_us('1970-01-01 00:00:01Z') = 1000000)::int;
SELECT 1 / has_schema_privilege('cpts_app', 'cpts', 'USAGE')::int;
ROLLBACK;
