-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:registry
BEGIN;
SELECT 1 / (count(*) = 8 AND count(*) FILTER (WHERE is_live) = 4)::int FROM cpts.stage;
SELECT cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on, synthetic, finess,
       website, created_at, updated_at
  FROM cpts.cpts WHERE false;
SELECT cpts_id, version, stage, successor_id, lead_region, valid_from, valid_to, recorded_from,
       recorded_to
  FROM cpts.cpts_stage WHERE false;
SELECT cpts_id, version, unit_code, share, lead_region, valid_from, valid_to, recorded_from,
       recorded_to
  FROM cpts.cpts_territory WHERE false;
SELECT cpts_id, version, department, region, population_count, lead_region, valid_from, valid_to,
       recorded_from, recorded_to
  FROM cpts.cpts_population WHERE false;
SELECT unit_code FROM cpts.unit_overlap WHERE false;
SELECT 1 / (count(*) = 4)::int FROM pg_class
  WHERE oid IN ('cpts.cpts'::regclass, 'cpts.cpts_stage'::regclass,
                'cpts.cpts_territory'::regclass, 'cpts.cpts_population'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_stage', 'stage', 'UPDATE'))::int;
ROLLBACK;
