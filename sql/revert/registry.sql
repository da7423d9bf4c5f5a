-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:registry
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TABLE cpts.unit_overlap;
DROP TABLE cpts.cpts_population;
DROP TABLE cpts.cpts_territory;
DROP TABLE cpts.cpts_stage;
DROP TABLE cpts.cpts;
DROP TABLE cpts.stage;
COMMIT;
