-- SPDX-License-Identifier: Apache-2.0
-- Revert cpts:territory_boards
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP FUNCTION cpts.position_quality(double precision, double precision, double precision);
DROP FUNCTION cpts.distance_km(double precision, double precision, double precision,
  double precision, double precision, double precision);
DROP FUNCTION cpts.centres_on(date, timestamptz);
DROP FUNCTION cpts.overlap_claims(date, timestamptz);
DROP FUNCTION cpts.unit_coverage(date, timestamptz, text[]);
COMMIT;
