-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:population_refresh
-- The sums of territories after the reference data has other figures.
-- Locks: none, a new function only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.populations_refresh() RETURNS void
  LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE cpts.cpts_population p
     SET population_count = n.population_count
    FROM (SELECT o.cpts_id, o.version, o.department, o.valid_from,
                 sum(t.share * u.population_count) AS population_count
            FROM cpts.cpts_population o
            JOIN cpts.cpts_territory t ON t.cpts_id = o.cpts_id
             AND t.valid_from <= o.valid_from AND t.valid_to >= o.valid_to
             AND t.recorded_from <= o.recorded_from AND t.recorded_to > o.recorded_from
           CROSS JOIN LATERAL cpts.unit_on(t.unit_code, o.valid_from, 'infinity') u
           WHERE u.department = o.department
           GROUP BY o.cpts_id, o.version, o.department, o.valid_from) n
   WHERE p.cpts_id = n.cpts_id AND p.version = n.version AND p.department = n.department
     AND p.valid_from = n.valid_from AND abs(p.population_count - n.population_count) > 1e-6;
END;
COMMENT ON FUNCTION cpts.populations_refresh()
  IS 'Computes cpts_population anew, past and superseded rows too: each from the territory that was believed when it was recorded, whoever recorded it. Called by the loaders of reference data.';
REVOKE EXECUTE ON FUNCTION cpts.populations_refresh() FROM PUBLIC;

COMMENT ON TABLE cpts.cpts_population
  IS 'Inhabitants of a territory by département: the sum over what was believed of cpts_territory when the row was recorded, between its dates; kept so that boards need not add up every commune. Computed anew by cpts.populations_refresh().';

COMMIT;
