-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:history
BEGIN;
SELECT cpts_id, version, name, finess, website, lead_region, valid_from, valid_to, recorded_from,
       recorded_to
  FROM cpts.cpts_former WHERE false;
SELECT cpts_id, version, reason, evidence, lead_region, recorded_at
  FROM cpts.cpts_correction WHERE false;
SELECT decided_version FROM cpts.cpts_stage WHERE false;
SELECT 'cpts.way_out_gaps(uuid, int, int)'::regprocedure;
SELECT 1 / (count(*) = 2)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_former'::regclass, 'cpts.cpts_correction'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / has_function_privilege('cpts_app', 'cpts.card_known(uuid, timestamptz)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('cpts_app',
  'cpts.changes_of(uuid, timestamptz, timestamptz)', 'EXECUTE')::int;
SELECT 'cpts.change_log_aggregate_id_version_idx'::regclass;
ROLLBACK;
