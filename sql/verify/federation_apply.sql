-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_apply
BEGIN;
SELECT 1 / (count(*) = 24)::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('sync_alarm', 'sync_moment', 'sync_foreign_row', 'sync_verdicts',
                   'sync_referral_scope', 'sync_key_columns', 'sync_upsert_query', 'sync_clean',
                   'sync_derive', 'sync_store', 'sync_park', 'sync_apply_images', 'sync_unpark',
                   'sync_apply_singly', 'sync_append', 'sync_apply', 'sync_cursor_move',
                   'sync_stored', 'sync_wrote_since', 'sync_is_written_twice', 'sync_goes_on',
                   'sync_own_runs', 'sync_unlike',
                   'sync_tell_foreign');
SELECT 1 / (count(*) = 4)::int FROM pg_catalog.pg_type
 WHERE typnamespace = 'cpts'::regnamespace
   AND typname IN ('sync_image', 'sync_record', 'sync_terms', 'sync_applied');
SELECT 1 / (count(*) = 2)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
   AND proname IN ('sync_alarm', 'sync_apply');
SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND proname IN ('sync_verdicts', 'sync_clean', 'sync_derive', 'sync_store', 'sync_park',
                   'sync_apply_images', 'sync_unpark', 'sync_apply_singly', 'sync_append',
                   'sync_cursor_move', 'sync_stored', 'sync_own_runs', 'sync_unlike',
                   'sync_tell_foreign');
ROLLBACK;
