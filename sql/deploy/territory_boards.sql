-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:territory_boards
-- What the boards about territory read: claims, coverage of units, centres.
-- Locks: none, new functions only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.unit_coverage(on_date date, known timestamptz, stages text[])
  RETURNS TABLE (code text, name text, department text, region text, epci text,
    population_count int, covered_count double precision)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH claim AS MATERIALIZED (
    SELECT t.unit_code, sum(t.share) AS share
      FROM cpts.live_on(on_date, known) l
      JOIN cpts.cpts_territory t ON t.cpts_id = l.cpts_id
     WHERE l.stage = ANY (stages)
       AND t.valid_from <= on_date AND t.valid_to > on_date
       AND t.recorded_from <= known AND t.recorded_to > known
     GROUP BY t.unit_code
  ), part AS (
    SELECT left(i.unit_code, 5) AS code,
           sum(u.population_count * (least(1, i.share + coalesce(c.share, 0))
                                     - least(1, coalesce(c.share, 0)))) AS covered
      FROM claim i
     CROSS JOIN LATERAL cpts.unit_on(i.unit_code, on_date, known) u
      LEFT JOIN claim c ON c.unit_code = left(i.unit_code, 5)
     WHERE length(i.unit_code) > 5
     GROUP BY left(i.unit_code, 5)
  )
  SELECT u.code, u.name, u.department, u.region, u.epci, u.population_count,
         least(u.population_count, u.population_count * least(1, coalesce(c.share, 0))
                                   + coalesce(p.covered, 0))
    FROM cpts.units_on(on_date, known) u
    LEFT JOIN claim c ON c.unit_code = u.code
    LEFT JOIN part p ON p.code = u.code
   WHERE u.is_leaf;
END;
COMMENT ON FUNCTION cpts.unit_coverage(date, timestamptz, text[])
  IS 'Every unit whose inhabitants are counted, with those that live CPTS of a stage set claim on a date, each counted once; IRIS count for their commune.';

CREATE FUNCTION cpts.overlap_claims(on_date date, known timestamptz)
  RETURNS TABLE (atom text, cpts_id uuid, share double precision, is_parent boolean)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT o.unit_code, t.cpts_id, t.share, false
    FROM cpts.unit_overlap o
    JOIN cpts.cpts_territory t ON t.unit_code = o.unit_code
   WHERE t.valid_from <= on_date AND t.valid_to > on_date
     AND t.recorded_from <= known AND t.recorded_to > known
  UNION ALL
  SELECT o.unit_code, t.cpts_id, t.share, true
    FROM cpts.unit_overlap o
    JOIN cpts.cpts_territory t ON t.unit_code = left(o.unit_code, 5)
   WHERE length(o.unit_code) > 5
     AND t.valid_from <= on_date AND t.valid_to > on_date
     AND t.recorded_from <= known AND t.recorded_to > known;
END;
COMMENT ON FUNCTION cpts.overlap_claims(date, timestamptz)
  IS 'Claims of any CPTS on the units where two were seen to meet; on an IRIS, those on its commune too (is_parent).';

CREATE FUNCTION cpts.centres_on(on_date date, known timestamptz)
  RETURNS TABLE (cpts_id uuid, stage text, x double precision, y double precision,
    z double precision, population double precision, placed double precision,
    exact double precision)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT l.cpts_id, l.stage,
         sum(t.share * u.population_count * cosd(u.latitude) * cosd(u.longitude)),
         sum(t.share * u.population_count * cosd(u.latitude) * sind(u.longitude)),
         sum(t.share * u.population_count * sind(u.latitude)),
         sum(t.share * u.population_count),
         coalesce(sum(t.share * u.population_count) FILTER (WHERE u.latitude IS NOT NULL), 0),
         coalesce(sum(t.share * u.population_count)
                    FILTER (WHERE u.position_source = 'geonames'), 0)
    FROM cpts.live_on(on_date, known) l
    JOIN cpts.cpts_territory t ON t.cpts_id = l.cpts_id
    JOIN cpts.units_on(on_date, known) u ON u.code = t.unit_code
   WHERE t.valid_from <= on_date AND t.valid_to > on_date
     AND t.recorded_from <= known AND t.recorded_to > known
   GROUP BY l.cpts_id, l.stage;
END;
COMMENT ON FUNCTION cpts.centres_on(date, timestamptz)
  IS 'Population-weighted centre of each live CPTS as a vector from the middle of the earth, not of length 1 (right everywhere, antimeridian included), with the inhabitants counted, those with a position and those with one of their own.';

CREATE FUNCTION cpts.distance_km(x1 double precision, y1 double precision, z1 double precision,
    x2 double precision, y2 double precision, z2 double precision) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 2 * 6371.0088 * asin(least(1, sqrt(
    (x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2) + (z1 - z2) * (z1 - z2)) / 2));
COMMENT ON FUNCTION cpts.distance_km(double precision, double precision, double precision,
    double precision, double precision, double precision)
  IS 'Great-circle distance of two points on the unit sphere, kilometres on a sphere of the earth''s mean radius (IUGG, 6371.0088 km): within 0.6 % of the ellipsoid.';

CREATE FUNCTION cpts.position_quality(population double precision, placed double precision,
    exact double precision) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN placed IS NULL OR placed <= 0 THEN 'NONE'
              WHEN exact >= population * 0.999999 THEN 'EXACT'
              ELSE 'APPROXIMATE' END;
COMMENT ON FUNCTION cpts.position_quality(double precision, double precision, double precision)
  IS 'EXACT when every inhabitant''s unit has a position of its own, NONE when none has any, else APPROXIMATE (the position of an EPCI or of a whole commune stands in).';

COMMIT;
