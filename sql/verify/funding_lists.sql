-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:funding_lists
BEGIN;
SELECT cpts_id, size_class, mission_steps, crisis_facts, achieved
  FROM cpts.funding_facts(2026, '2026-01-01', now()) WHERE false;
ROLLBACK;
