-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:population_refresh
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.populations_refresh();
COMMENT ON TABLE cpts.cpts_population
  IS 'Inhabitants of a territory by département: the sum over the cpts_territory rows with the same dates, kept so that boards need not add up every commune. Written with them, computed anew by reference/load.sql.';
COMMIT;
