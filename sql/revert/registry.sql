-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:registry
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.command_refusal(text, uuid, bytea, uuid, text, int);
DROP TABLE cpts.unit_overlap;
DROP TABLE cpts.cpts_population;
DROP TABLE cpts.cpts_territory;
DROP TABLE cpts.cpts_stage;
DROP TABLE cpts.cpts;
DROP DOMAIN cpts.website;
DROP DOMAIN cpts.finess_number;
DROP DOMAIN cpts.cpts_name;
DROP DOMAIN cpts.version_number;
DROP DOMAIN cpts.epoch_number;
DROP DOMAIN cpts.stage_code;
DROP TABLE cpts.stage;
COMMIT;
