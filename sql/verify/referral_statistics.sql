-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_statistics
BEGIN;
SELECT 1 / has_function_privilege('cpts_app',
  'cpts.referral_figures(text, uuid, text, date, date, text)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('cpts_app', 'cpts.unmet_demand(date, date)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('cpts_app', 'cpts.referral_release_record(text, date, date, int,'
  ' boolean, timestamptz, text[], text[], text[], text[], text[])', 'EXECUTE')::int;
SELECT period, first_day, last_day, threshold_count, synthetic, known_at, released_at
  FROM cpts.referral_release WHERE false;
SELECT period, cube, level, key, parent_key, counts FROM cpts.referral_figure WHERE false;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.referral_figure', 'INSERT'))::int;
ROLLBACK;
