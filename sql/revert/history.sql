-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:history
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.stages_follow(uuid, int, text, int, date[], text[], text, date, uuid[], text[],
  text[], date[]);
DROP FUNCTION cpts.changes_of(uuid, timestamptz, timestamptz);
DROP FUNCTION cpts.card_known(uuid, timestamptz);
DROP TABLE cpts.cpts_correction;
DROP TABLE cpts.cpts_former;
DROP INDEX cpts.change_log_aggregate_id_version_idx;
COMMIT;
