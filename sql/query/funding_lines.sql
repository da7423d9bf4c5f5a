-- The amounts of every grid of the ACI, for the server's copy of the reference.
-- Gives: 0 grid, 1 line, 2 part, 3 mission ('' = none), 4 obligation, 5 size (1..4),
-- 6 amount (cents), 7 confidence, 8 source.
SELECT l.grid, l.line, l.part, l.mission, l.obligation, l.size, l.amount_cents, l.confidence,
       l.source
  FROM cpts.aci_line l
  JOIN cpts.aci_grid g ON g.grid = l.grid
 ORDER BY g.valid_from, l.rank, l.line, l.part, l.size
