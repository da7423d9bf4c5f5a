-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:indicator_boards
-- Boards of indicators read what is believed by index, and what is published as
-- a set: is_shown() asks a row at a time, and a board reads thousands.
-- Locks: writers of step tables and values wait while the indexes are made.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

-- What a board asks: the step tables of all, one period of all, and others of each.
CREATE INDEX cpts_indicator_target_indicator_idx
  ON cpts.cpts_indicator_target (indicator) WHERE recorded_to = 'infinity';
DROP INDEX cpts.cpts_indicator_value_indicator_period_idx;
CREATE INDEX cpts_indicator_value_indicator_period_cpts_id_idx
  ON cpts.cpts_indicator_value (indicator, period, cpts_id) WHERE recorded_to = 'infinity';

-- As the values' own policy: in the order of the key, so that no plan needs a sequential scan.
ALTER POLICY cpts_indicator_target_read ON cpts.cpts_indicator_target
  USING ((SELECT cpts.may_read())
         OR cpts_id IN (SELECT c.cpts_id FROM cpts.cpts c
                         WHERE c.published AND current_setting('app.scope', true) = 'public'
                         ORDER BY c.cpts_id));

COMMIT;
