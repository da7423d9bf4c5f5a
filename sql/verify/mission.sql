-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:mission
BEGIN;
SELECT code, rank, label, obligation, valid_from, valid_to, confidence, source
  FROM cpts.mission WHERE false;
SELECT cpts_id, version, mission, status, lead_region, valid_from, valid_to, recorded_from,
       recorded_to
  FROM cpts.cpts_mission WHERE false;
SELECT cpts_id, version, mission, state, objectives, actions, lead_region, valid_from, valid_to,
       recorded_from, recorded_to
  FROM cpts.cpts_mission_plan WHERE false;
SELECT cpts_id, version, kind, lead_region, valid_from, valid_to, recorded_from, recorded_to
  FROM cpts.cpts_crisis WHERE false;
SELECT 1 / (count(*) = 3)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_mission'::regclass, 'cpts.cpts_mission_plan'::regclass,
                'cpts.cpts_crisis'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_mission', 'status', 'UPDATE'))::int;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_crisis', 'kind', 'UPDATE'))::int;
ROLLBACK;
