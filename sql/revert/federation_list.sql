-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_list
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.sync_digest;
DROP FUNCTION cpts.sync_bucket;
DROP FUNCTION cpts.sync_give_back;
DROP FUNCTION cpts.sync_snapshot;
DROP FUNCTION cpts.sync_urgent;
DROP FUNCTION cpts.sync_fetch;
DROP FUNCTION cpts.sync_kinds;
DROP FUNCTION cpts.sync_list;
COMMIT;
