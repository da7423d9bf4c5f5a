-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:funding_achieved
BEGIN;
SELECT 1 / (pg_get_functiondef('cpts.funding_facts(int, date, timestamptz)'::regprocedure)
            LIKE '%cpts_indicator_value%')::int;
ROLLBACK;
