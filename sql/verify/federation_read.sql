-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_read
BEGIN;
SELECT 1 / (count(*) = 15)::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('sync_touch_now', 'sync_us', 'sync_heads', 'sync_join', 'sync_columns',
                   'sync_rows_query', 'sync_images', 'sync_sights', 'sync_is_whole_event',
                   'sync_change_bytes', 'sync_cpts_bytes', 'sync_sealed_bytes',
                   'sync_followers', 'sync_entries', 'sync_read');
SELECT 1 / (count(*) = 2)::int FROM pg_catalog.pg_type
 WHERE typnamespace = 'cpts'::regnamespace
   AND typname IN ('sync_thing', 'sync_touch');
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
   AND proname IN ('sync_read');
SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND proname IN ('sync_heads', 'sync_rows_query', 'sync_images', 'sync_sights',
                   'sync_sealed_bytes', 'sync_followers', 'sync_entries');
ROLLBACK;
