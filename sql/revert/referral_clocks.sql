-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:referral_clocks
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.referral_fire_at(text, text, int, text, timestamptz);
DROP FUNCTION cpts.working_days_later(date, int, text);
DROP FUNCTION cpts.weekdays_later(date, int);
DROP FUNCTION cpts.easter_sunday(int);
DROP TABLE cpts.non_working_day;
DROP TABLE cpts.region_time_zone;
DROP FUNCTION cpts.visit_hours_max(text, text);
DROP TABLE cpts.referral_visit_limit;
DROP TABLE cpts.referral_clock_rule;
COMMIT;
