-- The missions that the ACI knows, for the server's copy of the reference.
-- Gives: 0 code, 1 label, 2 obligation, 3 valid from, 4 months to start after the signature (0 = at
-- the choice of the CPTS), 5 months to deploy, 6 confidence, 7 source.
SELECT m.code, m.label, m.obligation, m.valid_from, coalesce(s.months, 0), coalesce(d.months, 0),
       m.confidence, m.source
  FROM cpts.mission m
  LEFT JOIN cpts.clock_rule s
    ON s.mission = m.code AND s.kind = 'MISSION_START' AND s.valid_to = 'infinity'
  LEFT JOIN cpts.clock_rule d
    ON d.mission = m.code AND d.kind = 'MISSION_DEPLOYED' AND d.valid_to = 'infinity'
 WHERE m.valid_to = 'infinity'
 ORDER BY m.rank
