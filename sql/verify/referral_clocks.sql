-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_clocks
BEGIN;
SELECT region, kind, urgency, level, valid_from, valid_to, minutes, working_days, source, confidence
  FROM cpts.referral_clock_rule WHERE false;
SELECT urgency, hours_max, source, confidence FROM cpts.referral_visit_limit WHERE false;
SELECT region, time_zone FROM cpts.region_time_zone WHERE false;
SELECT 1 / (count(*) = 45 * 7)::int FROM cpts.non_working_day WHERE region <> '';
SELECT 1 / (count(DISTINCT extract(year FROM day)) = 45)::int FROM cpts.non_working_day WHERE region = '';
SELECT 1 / (cpts.easter_sunday(2026) = '2026-04-05')::int;
SELECT 'cpts.referral_fire_at(text, text, int, text, timestamptz)'::regprocedure;
ROLLBACK;
