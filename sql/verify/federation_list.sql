-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_list
BEGIN;
SELECT 1 / (count(*) = 8)::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('sync_list', 'sync_kinds', 'sync_fetch', 'sync_urgent',
                   'sync_snapshot', 'sync_give_back', 'sync_bucket', 'sync_digest');
SELECT 1 / (count(*) = 5)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
   AND proname IN ('sync_fetch', 'sync_urgent', 'sync_snapshot', 'sync_give_back', 'sync_digest');
SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND proname IN ('sync_list');
ROLLBACK;
