-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:clock_writes
BEGIN;
SELECT 1 / (to_regclass('cpts.cpts_clock_clock_id_idx') IS NULL)::int;
SELECT 1 / (l.lanname = 'plpgsql')::int
  FROM pg_proc p
  JOIN pg_language l ON l.oid = p.prolang
 WHERE p.oid = 'cpts.clock_start(uuid, int, text, date, uuid[], text[], text[], date[])'::regprocedure;
ROLLBACK;
