-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:funding_facts
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.funding_indicators(int);
DROP FUNCTION cpts.funding_facts(int, date, timestamptz);
DROP INDEX cpts.cpts_indicator_value_cpts_id_valid_from_idx;
COMMIT;
