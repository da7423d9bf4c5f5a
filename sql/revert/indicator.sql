-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:indicator
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.cpts_indicator_value;
DROP TABLE cpts.cpts_indicator_target;
DROP TABLE cpts.indicator;
DROP FUNCTION cpts.step_list(numeric[], bigint[]);
COMMIT;
