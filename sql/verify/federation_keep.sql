-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:federation_keep
BEGIN;
SELECT 1 / (count(*) = 20)::int FROM pg_catalog.pg_proc
 WHERE pronamespace = 'cpts'::regnamespace
   AND proname IN ('sync_chain', 'sync_chain_hash', 'sync_scope_hash', 'sync_acknowledged',
                   'sync_checkpoint_keep', 'sync_checkpoint_head', 'sync_stage', 'sync_remove',
                   'sync_remove_others', 'sync_activate', 'sync_fork', 'sync_restore_begin',
                   'sync_restore_end', 'sync_lost', 'sync_parked_retry', 'sync_parked_reject',
                   'sync_alarm_clear', 'sync_waiting', 'sync_staged_count', 'sync_here');
SELECT 1 / (count(*) = 10)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
   AND proname IN ('sync_acknowledged', 'sync_checkpoint_keep', 'sync_stage', 'sync_activate',
                   'sync_restore_begin', 'sync_restore_end', 'sync_lost', 'sync_parked_retry',
                   'sync_parked_reject', 'sync_alarm_clear');
SELECT 1 / (count(*) = 0)::int FROM pg_catalog.pg_proc p
 WHERE pronamespace = 'cpts'::regnamespace AND has_function_privilege('cpts_app', p.oid, 'EXECUTE')
   AND proname IN ('sync_remove', 'sync_remove_others', 'sync_fork');
ROLLBACK;
