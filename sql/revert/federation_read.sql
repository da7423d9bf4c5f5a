-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_read
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_read;
DROP FUNCTION cpts.sync_entries;
DROP FUNCTION cpts.sync_followers;
DROP FUNCTION cpts.sync_sealed_bytes;
DROP FUNCTION cpts.sync_cpts_bytes;
DROP FUNCTION cpts.sync_change_bytes;
DROP FUNCTION cpts.sync_is_whole_event;
DROP FUNCTION cpts.sync_sights;
DROP FUNCTION cpts.sync_images;
DROP FUNCTION cpts.sync_rows_query;
DROP FUNCTION cpts.sync_columns;
DROP FUNCTION cpts.sync_join;
DROP FUNCTION cpts.sync_heads;
DROP FUNCTION cpts.sync_us;
DROP FUNCTION cpts.sync_touch_now;
DROP TYPE cpts.sync_touch;
DROP TYPE cpts.sync_thing;
COMMIT;
