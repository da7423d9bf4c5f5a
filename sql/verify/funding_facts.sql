-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:funding_facts
BEGIN;
SELECT cpts_id, size_class, mission_steps, crisis_facts, locked_values, step_tables,
       cpts.funding_indicators(2026)
  FROM cpts.funding_facts(2026, '2026-01-01', now()) WHERE false;
SELECT 'cpts.cpts_indicator_value_cpts_id_valid_from_idx'::regclass;
ROLLBACK;
