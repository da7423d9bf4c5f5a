-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:members_restore
BEGIN;
SELECT 'cpts.members_restore(uuid, int, text, int, date, date)'::regprocedure;
ROLLBACK;
