-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:referral_statistics
BEGIN;
SELECT 1 / has_function_privilege('cpts_app',
  'cpts.referral_figures(text, uuid, text, date, date, text)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('cpts_app',
  'cpts.unmet_demand(text, text, date, date, text)', 'EXECUTE')::int;
ROLLBACK;
