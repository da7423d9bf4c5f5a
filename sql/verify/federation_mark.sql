-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_mark
BEGIN;
SELECT aggregate_kind, aggregate_id, position, peer FROM cpts.sync_mark WHERE false;
SELECT 1 / (count(*) = 1)::int FROM pg_catalog.pg_class
 WHERE relnamespace = 'cpts'::regnamespace AND relname = 'sync_mark_position_idx';
SELECT 1 / (count(*) = 6)::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('node_id', 'sync_whole_bytes', 'sync_has_others', 'images_to_tell_bytes',
                   'sync_mark_all', 'sync_mark_images');
SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND proname IN ('sync_whole_bytes', 'sync_has_others', 'sync_mark_all', 'sync_mark_images');
SELECT 1 / (NOT has_table_privilege('cpts_app', 'cpts.sync_mark', 'SELECT'))::int;
ROLLBACK;
