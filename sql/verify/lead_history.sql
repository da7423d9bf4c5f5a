-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:lead_history
BEGIN;
SELECT cpts_id, version, region, lead_region, valid_from, valid_to, recorded_from, recorded_to
  FROM cpts.cpts_lead WHERE false;
SELECT cpts_id, region, valid_from, valid_to FROM cpts.lead_spans(now()) WHERE false;
SELECT cpts_id, region FROM cpts.lead_on('2024-01-01', now()) WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace AND relname = 'cpts_lead'
   AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace AND relname = 'cpts_lead_cpts_id_recorded_to_idx';
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.cpts_lead', 'INSERT')
            AND NOT has_function_privilege('cpts_app', 'cpts.lead_record(uuid, int, text, text)',
                                           'EXECUTE'))::int;
ROLLBACK;
