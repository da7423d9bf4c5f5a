-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_keep
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_here;
DROP FUNCTION cpts.sync_staged_count;
DROP FUNCTION cpts.sync_waiting;
DROP FUNCTION cpts.sync_alarm_clear;
DROP FUNCTION cpts.sync_parked_reject;
DROP FUNCTION cpts.sync_parked_retry;
DROP FUNCTION cpts.sync_lost;
DROP FUNCTION cpts.sync_restore_end;
DROP FUNCTION cpts.sync_restore_begin;
DROP FUNCTION cpts.sync_fork;
DROP FUNCTION cpts.sync_activate;
DROP FUNCTION cpts.sync_remove_others;
DROP FUNCTION cpts.sync_remove;
DROP FUNCTION cpts.sync_stage;
DROP FUNCTION cpts.sync_checkpoint_head;
DROP FUNCTION cpts.sync_checkpoint_keep;
DROP FUNCTION cpts.sync_acknowledged;
DROP FUNCTION cpts.sync_scope_hash;
DROP FUNCTION cpts.sync_chain_hash;
DROP FUNCTION cpts.sync_chain;
COMMIT;
