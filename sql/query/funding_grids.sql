-- The versions of the ACI's grid, for the server's copy of the reference.
-- Gives: 0 grid, 1 label, 2 valid from, 3 valid to ('' = in force), 4 base grid ('' = none),
-- 5 advance (percent), 6 confidence, 7 source.
SELECT g.grid, g.label, g.valid_from, coalesce(nullif(g.valid_to, 'infinity')::text, ''),
       coalesce(g.base_grid, ''), g.advance_percent, g.confidence, g.source
  FROM cpts.aci_grid g
 ORDER BY g.valid_from
