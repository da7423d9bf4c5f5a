-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_apply
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_stored;
DROP FUNCTION cpts.sync_cursor_move;
DROP FUNCTION cpts.sync_apply;
DROP FUNCTION cpts.sync_append;
DROP FUNCTION cpts.sync_apply_singly;
DROP FUNCTION cpts.sync_unpark;
DROP FUNCTION cpts.sync_apply_images;
DROP FUNCTION cpts.sync_park;
DROP FUNCTION cpts.sync_store;
DROP FUNCTION cpts.sync_derive;
DROP FUNCTION cpts.sync_clean;
DROP FUNCTION cpts.sync_upsert_query;
DROP FUNCTION cpts.sync_key_columns;
DROP FUNCTION cpts.sync_unlike;
DROP FUNCTION cpts.sync_referral_scope;
DROP FUNCTION cpts.sync_verdicts;
DROP FUNCTION cpts.sync_foreign_row;
DROP FUNCTION cpts.sync_moment;
DROP FUNCTION cpts.sync_alarm;
DROP TYPE cpts.sync_applied;
DROP TYPE cpts.sync_terms;
DROP TYPE cpts.sync_record;
DROP TYPE cpts.sync_image;
COMMIT;
