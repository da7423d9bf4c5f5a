-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:mission
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.mission_clock_follow(uuid, int, text, text, date, text[], boolean);
DROP TABLE cpts.cpts_crisis;
DROP TABLE cpts.cpts_mission_plan;
DROP TABLE cpts.cpts_mission;
DROP DOMAIN cpts.crisis_kind;
DROP DOMAIN cpts.plan_state;
DROP DOMAIN cpts.mission_status;
DROP DOMAIN cpts.mission_code;
DROP TABLE cpts.mission;
COMMIT;
