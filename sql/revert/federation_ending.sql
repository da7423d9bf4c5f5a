-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:federation_ending
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL ROLE cpts_owner;
DROP FUNCTION cpts.ending_follow(text, uuid, bytea, uuid);
DROP FUNCTION cpts.ending_enqueue(uuid[]);
DROP FUNCTION cpts.live_successor(uuid);
COMMIT;
