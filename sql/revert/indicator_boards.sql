-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:indicator_boards
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP INDEX cpts.cpts_indicator_target_indicator_idx;
DROP INDEX cpts.cpts_indicator_value_indicator_period_cpts_id_idx;
CREATE INDEX cpts_indicator_value_indicator_period_idx
  ON cpts.cpts_indicator_value (indicator, period);
ALTER POLICY cpts_indicator_target_read ON cpts.cpts_indicator_target
  USING ((SELECT cpts.may_read()) OR cpts.is_shown(cpts_id));
COMMIT;
