-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:territory_boards
BEGIN;
SELECT code, name, department, region, epci, population_count, covered_count
  FROM cpts.unit_coverage('2020-01-01', now(), '{ACI_SIGNE}') WHERE false;
SELECT atom, cpts_id, share, is_parent FROM cpts.overlap_claims('2020-01-01', now()) WHERE false;
SELECT cpts_id, stage, x, y, z, population, placed, exact
  FROM cpts.centres_on('2020-01-01', now()) WHERE false;
-- Half the meridian, pole to pole.
SELECT 1 / (round(cpts.distance_km(0, 0, 1, 0, 0, -1)) = 20015)::int;
SELECT 1 / (cpts.position_quality(10, 10, 5) = 'APPROXIMATE')::int;
ROLLBACK;
