-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:history
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.filings_correct(uuid, int, text, text[], int[], text[], date[], boolean[]);
DROP FUNCTION cpts.clocks_correct(uuid, int, text, text[], date[], int[], text[], date[], boolean[],
  text[], text[], text[], text[], uuid[], text[], text[], date[]);
DROP FUNCTION cpts.way_out_gaps(uuid, int, int);
ALTER TABLE cpts.cpts_stage DROP COLUMN decided_version;
DROP FUNCTION cpts.changes_of(uuid, timestamptz, timestamptz);
DROP FUNCTION cpts.card_known(uuid, timestamptz);
DROP TABLE cpts.cpts_correction;
DROP TABLE cpts.cpts_former;
DROP INDEX cpts.change_log_aggregate_id_version_idx;
COMMIT;
