-- What of the reference data is in force: when it changes the server reads its copies again.
-- Gives one row: 0 version of the units (0 = none), 1 print of the grids, missions and clocks.
SELECT (SELECT coalesce(max(v.version), 0) FROM cpts.reference_version v),
       md5(concat_ws(E'\f',
         (SELECT string_agg(g::text, E'\n' ORDER BY g.grid) FROM cpts.aci_grid g),
         (SELECT string_agg(l::text, E'\n' ORDER BY l.grid, l.line, l.part, l.size)
            FROM cpts.aci_line l),
         (SELECT string_agg(m::text, E'\n' ORDER BY m.code) FROM cpts.mission m),
         (SELECT string_agg(k::text, E'\n' ORDER BY k.kind, k.mission, k.valid_from)
            FROM cpts.clock_rule k)))
