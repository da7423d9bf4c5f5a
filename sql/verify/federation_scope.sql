-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_scope
BEGIN;
SELECT aggregate_id, party_id, aggregate_kind, region, version FROM cpts.sync_scope WHERE false;
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.sync_scope', 'SELECT')
            AND NOT has_function_privilege('cpts_app',
              'cpts.sync_scope_add(uuid, int, text, uuid[])', 'EXECUTE'))::int;
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace
   AND relname = 'sync_scope_region_aggregate_kind_aggregate_id_idx';
ROLLBACK;
