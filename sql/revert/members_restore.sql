-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:members_restore
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.members_restore(uuid, int, text, int, date, date);
COMMIT;
