-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:funding
BEGIN;
SELECT grid, label, valid_from, valid_to, base_grid, advance_percent, confidence, source
  FROM cpts.aci_grid WHERE false;
SELECT grid, line, part, size, rank, mission, obligation, amount_cents, confidence, source
  FROM cpts.aci_line WHERE false;
SELECT 1 / has_table_privilege('cpts_app', 'cpts.aci_line', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.aci_line', 'INSERT, UPDATE, DELETE'))::int;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.aci_grid', 'INSERT, UPDATE, DELETE'))::int;
ROLLBACK;
