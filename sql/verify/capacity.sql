-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:capacity
BEGIN;
SELECT valid_from, valid_to, snp_percent, source, confidence FROM cpts.capacity_objective WHERE false;
SELECT cpts_id, version, valid_from, valid_to, kind, area, counted, lead_region, recorded_from,
       recorded_to
  FROM cpts.cpts_capacity WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_class
  WHERE oid = 'cpts.cpts_capacity'::regclass AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_capacity', 'counted', 'UPDATE'))::int;
ROLLBACK;
