-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:lead_history
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.lead_record;
DROP FUNCTION cpts.lead_on;
DROP FUNCTION cpts.lead_spans;
DROP TABLE cpts.cpts_lead;
COMMIT;
