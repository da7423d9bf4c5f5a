-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:zoning
BEGIN;
SELECT region, version, unit_code, zone, source, valid_from, valid_to, recorded_from, recorded_to
  FROM cpts.unit_zoning WHERE false;
SELECT zone FROM cpts.zone_on('01001', '2020-01-01', now());
SELECT 1 / (relrowsecurity AND relforcerowsecurity)::int
  FROM pg_class WHERE oid = 'cpts.unit_zoning'::regclass;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.unit_zoning', 'zone', 'UPDATE'))::int;
ROLLBACK;
