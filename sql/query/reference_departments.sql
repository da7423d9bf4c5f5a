-- Départements with the region they are in, for the server's copy of the reference.
-- Gives: 0 code, 1 region, 2 true when the region has an ARS.
SELECT d.code, d.region, r.zone IN ('metro', 'drom')
  FROM cpts.department d
  JOIN cpts.region r ON r.code = d.region
 ORDER BY d.code COLLATE "C"
