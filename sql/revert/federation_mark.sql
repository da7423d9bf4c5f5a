-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_mark
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_mark_images;
DROP FUNCTION cpts.sync_mark_all;
DROP FUNCTION cpts.images_to_tell_bytes;
DROP FUNCTION cpts.sync_has_others;
DROP FUNCTION cpts.sync_whole_bytes;
DROP FUNCTION cpts.node_id;
DROP TABLE cpts.sync_mark;
COMMIT;
