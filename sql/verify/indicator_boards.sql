-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:indicator_boards
BEGIN;
SELECT 1 / (count(*) = 2)::int FROM pg_index
  WHERE indexrelid IN ('cpts.cpts_indicator_target_indicator_idx'::regclass,
                       'cpts.cpts_indicator_value_indicator_period_cpts_id_idx'::regclass)
    AND indpred IS NOT NULL;
SELECT 1 / (count(*) = 2)::int FROM pg_policy
  WHERE polname IN ('cpts_indicator_target_read', 'cpts_indicator_value_read')
    AND pg_get_expr(polqual, polrelid) NOT LIKE '%is_shown%';
ROLLBACK;
